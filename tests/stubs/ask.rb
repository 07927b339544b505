# frozen_string_literal: true

# Reads requests as JSON from stdin, sends them by net/http, writes the answers as JSON.
# First argument: "webmock" or "vcr", second: its file.
require "json"
require "net/http"
require "webmock"

tool, file = ARGV
WebMock.enable!
WebMock.disable_net_connect!

def ask(one)
  uri = URI(one["url"])
  request = Net::HTTP.const_get(one["method"].capitalize).new(uri, one["headers"])
  request.body = one["body"] if one["body"]
  answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
  { status: answer.code.to_i, type: answer["content-type"], body: answer.body.dup.force_encoding("UTF-8") }
rescue StandardError, WebMock::NetConnectNotAllowedError => e
  { status: 0, type: "", body: "#{e.class}: #{e.message}"[0, 400] }
end

requests = JSON.parse($stdin.read)
if tool == "webmock"
  require file
  NumberInsightStubs.load
  answers = requests.map { |one| ask(one) }
else
  require "vcr"
  VCR.configure do |config|
    config.cassette_library_dir = File.dirname(file)
    config.hook_into :webmock
  end
  options = {
    record: :none,
    allow_playback_repeats: true,
    match_requests_on: [:method, VCR.request_matchers.uri_without_params(:api_key, :api_secret)]
  }
  answers = VCR.use_cassette("number_insight", options) { requests.map { |one| ask(one) } }
end
puts JSON.generate(answers)
