# frozen_string_literal: true

# Stubs for WebMock, by ni-contract.
require "json"
require "uri"
require "webmock"

module NumberInsightStubs
  CREDENTIALS = JSON.parse(<<~'NUMBER_INSIGHT')
{{ credentials }}
  NUMBER_INSIGHT
  STUBS = JSON.parse(<<~'NUMBER_INSIGHT')
{{ stubs }}
  NUMBER_INSIGHT

  module_function

  # Answers lookups at +host+ from now on; a number without a stub is an unregistered request, which WebMock reports.
  def load(host = "https://api.nexmo.com")
    paths = STUBS.map { |stub| stub["path"] }.uniq
    paths.each do |path|
      %i[get post].each do |method|
        WebMock.stub_request(method, /\A#{Regexp.escape(host)}(:\d+)?#{path}(\?|\z)/)
               .with { |request| find(path, request) }
               .to_return { |request| answer(find(path, request)) }
      end
    end
  end

  def answer(stub)
    { status: 200, headers: { "Content-Type" => stub["contentType"] }, body: stub["body"] }
  end

  def find(path, request)
    given = parameters(request)
    number, country = given["number"] || "", given["country"] || ""
    stubs = STUBS.select { |stub| stub["path"] == path }
    refused = stubs.find { |stub| stub["wrongCredentials"] } unless right?(given, request.headers["Authorization"])
    refused || stubs.find do |stub|
      !stub["wrongCredentials"] && stub["number"] == number && (number.empty? || stub["countries"].include?(country))
    end
  end

  def parameters(request)
    text = request.method == :post ? request.body : request.uri.query
    URI.decode_www_form(text.to_s).reverse.to_h
  end

  def right?(given, authorization)
    key, secret = given["api_key"], given["api_secret"]
    return !(secret || given["sig"] || authorization).nil? if CREDENTIALS.nil?
    return secret == CREDENTIALS["secret"] && key == CREDENTIALS["key"] if secret

    basic = authorization.to_s[/\Abasic +(\S+)\s*\z/i, 1]
    basic == CREDENTIALS["basic"] && (key.nil? || key == CREDENTIALS["key"])
  end
end
