"""Projects of users whose mocks are recordings: a cassette, a HAR document, our own exchanges."""

from __future__ import annotations

VCRPY = """
    import pathlib
    import requests, vcr

    TAPE = '''
    interactions:
    - request: {{body: null, headers: {{}}, method: GET, uri: "{uri}"}}
      response:
        body: {{string: '{body}'}}
        headers: {{Content-Type: [application/json]}}
        status: {{code: 200, message: OK}}
    version: 1
    '''

    @pytest.fixture
    def tape(tmp_path):
        def make(answer, keys="&api_key=abcd1234&api_secret=s3cretS3cret"):
            import json, textwrap
            file = tmp_path / "tape.yaml"
            text = TAPE.format(uri=f"{URL}?number={NUMBER}{keys}", body=json.dumps(answer))
            file.write_text(textwrap.dedent(text))
            return str(file)
        return make

    def test_right(tape, right, ni_check):
        with vcr.use_cassette(tape(right), record_mode="none") as cassette:
            requests.get(URL, params=ASKED)
        ni_check(cassette)
        ni_check(tape(right))
        ni_check(pathlib.Path(tape(right)))

    def test_right_when_credentials_were_filtered(tape, right, ni_check):
        ni_check(tape(right, keys=""))
        ni_check(tape(right, keys="&api_key=REDACTED&api_secret=REDACTED"))

    def test_lie(tape, lie, ni_check):
        with vcr.use_cassette(tape(lie), record_mode="none") as cassette:
            requests.get(URL, params=ASKED)
        ni_check(cassette)

    def test_lie_file(tape, lie, ni_check):
        ni_check(tape(lie))

    def test_right_watched(tape, right, ni_watch):
        with vcr.use_cassette(tape(right), record_mode="none"):
            requests.get(URL, params=ASKED)
        assert len(ni_watch.exchanges) == 1

    def test_lie_watched(tape, lie, ni_watch):
        with vcr.use_cassette(tape(lie), record_mode="none"):
            requests.get(URL, params=ASKED)
"""

HAR = """
    import json

    def har(answer):
        request = {"method": "GET", "url": f"{URL}?number={NUMBER}&api_key=abcd1234&api_secret=s3cretS3cret",
                   "headers": []}
        content = {"mimeType": "application/json", "text": json.dumps(answer)}
        response = {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}],
                    "content": content}
        return {"log": {"entries": [{"request": request, "response": response}]}}

    def test_right(right, ni_check, tmp_path):
        (tmp_path / "x.har").write_text(json.dumps(har(right)))
        ni_check(tmp_path / "x.har")
        ni_check(har(right))

    def test_lie(lie, ni_check):
        ni_check(har(lie))

    def test_lie_file(lie, ni_check, tmp_path):
        (tmp_path / "x.har").write_text(json.dumps(har(lie)))
        ni_check(str(tmp_path / "x.har"))
"""

OURS = """
    from ni_contract.exchanges.values import Exchange, Request

    ASK = Request("GET", f"{URL}?number={NUMBER}&api_key=abcd1234&api_secret=s3cretS3cret")

    def test_right(right, ni_check):
        ni_check([Exchange(ASK, right.answer())])
        ni_check(Exchange(ASK, right.answer()))

    def test_right_in_xml(right, ni_check):
        ni_check(Exchange(Request("GET", ASK.url.replace("/json", "/xml")), right.answer("xml")))

    def test_lie(ni_answers, ni_check):
        answers = ni_answers.success(NUMBER), ni_answers.refused(3)
        ni_check([Exchange(ASK, one.answer()) for one in answers])
"""
