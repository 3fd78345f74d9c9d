"""Newsletter issues: several articles in one message, merge fields, ways to unsubscribe."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import html5lib
import pytest
from conftest import NOW, SITE, Workshop

from pressrun.message import Mould, filled, unpacked

ISSUE = """\
subject: "{{name|Dear reader}}, two things this month"
date: 2025-05-01T09:00:00-04:00
preheader: What helps when sleep does not come, and where to ask
title: Two things this month
intro: |
  Dear {{name|reader}}, greetings from {{site|our centre}} & *friends*. See [sleep](sleep).
articles: [sleep, {slug: rest, as: teaser}]
list: outreach
"""
ONE_CLICK = "https://www.example.org/leave/{token}"


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    workshop.article("sleep")
    workshop.article("rest", title="Rest", id="rest-id", helplines="[]")
    workshop.write("content/newsletters/may.yaml", ISSUE)
    return workshop


def _mail(desk: Workshop, name: str) -> EmailMessage:
    return message_from_bytes((desk.root / f"outputs/newsletter/{name}.eml").read_bytes(), policy=policy.default)


def _settings(desk: Workshop, text: str) -> None:
    desk.write("content/site.yaml", f"{SITE}newsletter: {text}\n")


def _headings(desk: Workshop, name: str) -> list[str]:
    tree = html5lib.parse(desk.read(f"newsletter/{name}.html"), namespaceHTMLElements=False)
    return [
        f"{found.tag} {''.join(found.itertext())}" for found in tree.iter() if found.tag in ("h1", "h2", "h3", "h4")
    ]


def test_an_issue_holds_articles_whole_and_as_teasers_in_its_order(desk: Workshop) -> None:
    assert not desk.build().faults
    assert _headings(desk, "may") == [
        "h1 Two things this month", "h2 Get help now", "h2 Sleep and You", "h3 A heading", "h2 Rest",
    ]  # fmt: skip
    text = desk.read("newsletter/may.txt")
    assert text.index("Sleep and You") < text.index("A first paragraph") < text.index("Read the article:")
    assert text.count("https://www.example.org/rest/") == 1


def test_an_article_by_itself_is_an_issue_named_by_its_slug(desk: Workshop) -> None:
    desk.build()
    assert _headings(desk, "sleep")[0] == "h1 Sleep and You"
    assert (desk.root / "outputs/web/newsletter/may/index.html").read_bytes() == (
        desk.root / "outputs/newsletter/may.html"
    ).read_bytes()


def test_what_is_made_for_nobody_holds_the_defaults_of_merge_fields(desk: Workshop) -> None:
    desk.build()
    read = _mail(desk, "may")
    assert read["Subject"] == "Dear reader, two things this month"
    assert "Dear reader, greetings from our centre & friends." in desk.read("newsletter/may.txt")
    assert "Dear reader, greetings from our centre &amp; <em>friends</em>." in desk.read("newsletter/may.html")


def test_sending_fills_in_what_is_the_recipients_and_nothing_else(desk: Workshop) -> None:
    desk.build()
    message = unpacked((desk.root / "outputs/.pressrun/newsletter/may.json").read_bytes())
    built = (desk.root / "outputs/newsletter/may.eml").read_bytes()

    assert message.as_bytes() == built
    fields = {"name": "A & <B>\r\nBcc: evil@example.org", "site": "the \N{LATIN SMALL LETTER E WITH ACUTE}cole"}
    sent = Mould(message).cast("a@example.org", "new@example.org", fields)
    read = message_from_bytes(sent, policy=policy.default)
    assert read["To"] == "a@example.org"
    assert read["Bcc"] is None
    assert read["Subject"] == "A & <B> Bcc: evil@example.org, two things this month"
    plain, rich = (part.get_content() for part in read.iter_parts())
    assert "Dear A & <B> Bcc: evil@example.org, greetings from the école & friends." in plain
    assert "Dear A &amp; &lt;B&gt; Bcc: evil@example.org, greetings from the école &amp;" in rich

    def rest(data: bytes) -> list[bytes]:
        return [line for line in data.split(b"\r\n") if not line.startswith((b"To:", b"Message-ID:", b"Subject:"))]

    nameless = Mould(message).cast("a@example.org", "new@example.org", {"name": "", "site": ""})
    assert rest(nameless) == rest(built)


@pytest.mark.parametrize(
    ("setting", "leave", "post", "words"),
    [
        ("{}", "<mailto:info@example.org?subject=unsubscribe>", None, "mailto:info@example.org?subject=unsubscribe"),
        ("{unsubscribe: out@example.org}", "<mailto:out@example.org?subject=unsubscribe>", None, "mailto:out@"),
        (
            f'{{unsubscribe: "{ONE_CLICK}"}}',
            "<https://www.example.org/leave/preview>, <mailto:info@example.org?subject=unsubscribe>",
            "List-Unsubscribe=One-Click",
            "https://www.example.org/leave/preview",
        ),
        ("{unsubscribe: {provider: mailchimp}}", None, None, "*|UNSUB|*"),
        ("{unsubscribe: {provider: brevo}}", None, None, "{{ unsubscribe }}"),
        ("{unsubscribe: {provider: buttondown}}", None, None, "{{ unsubscribe_url }}"),
        ("{unsubscribe: {provider: constant-contact}}", None, None, ""),
    ],
)  # fmt: skip
def test_each_way_to_unsubscribe_has_its_headers_and_its_words_and_no_others(
    desk: Workshop, setting: str, leave: str | None, post: str | None, words: str
) -> None:
    _settings(desk, setting)
    assert not desk.build().faults
    raw = message_from_bytes((desk.root / "outputs/newsletter/may.eml").read_bytes())
    plain, rich = (part.get_payload(decode=True).decode() for part in raw.get_payload())  # type: ignore[union-attr]
    assert raw["List-Unsubscribe"] == leave
    assert raw["List-Unsubscribe-Post"] == post
    tree = html5lib.parse(rich, namespaceHTMLElements=False)
    links = [found.get("href") for found in tree.iter("a") if "".join(found.itertext()) == "unsubscribe"]
    assert [link.startswith(words) for link in links] == ([True] if words else [])
    if words.startswith("mailto:"):
        assert "with the subject: unsubscribe" in plain
    else:
        assert not words or words in plain
    folder = desk.root / "outputs/newsletter"
    assert (folder / "may.txt").read_bytes().decode() == plain
    assert (folder / "may.html").read_bytes().decode() == rich


def test_a_services_merge_tags_stay_out_of_the_web_and_of_what_is_copied(desk: Workshop) -> None:
    _settings(desk, "{unsubscribe: {provider: mailchimp}}")
    desk.build()
    assert "Dear *|IF:FNAME|**|FNAME|**|ELSE:|*reader*|END:IF|*, greetings" in desk.read("newsletter/may.html")
    for path in ("web/newsletter/may/index.html", "newsletter/may-copy.html"):
        letter = desk.read(path).partition("</div>")[2]  # behind the bar, which is for a service as well
        assert "*|" not in letter
        assert "Dear reader, greetings" in desk.read(path)


def test_a_token_is_open_in_header_and_both_parts(desk: Workshop) -> None:
    _settings(desk, f'{{unsubscribe: "{ONE_CLICK}"}}')
    desk.build()
    message = unpacked((desk.root / "outputs/.pressrun/newsletter/may.json").read_bytes())
    sent = Mould(message).cast("a@example.org", "new@example.org", {"token": "0123abcd"})
    assert b"preview" not in sent
    assert sent.replace(b"=\r\n", b"").count(b"https://www.example.org/leave/0123abcd") == 3


def test_headers_are_those_that_large_receivers_ask_for(desk: Workshop) -> None:
    desk.build()
    read = _mail(desk, "may")
    assert list(read.keys()) == [
        "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Id", "List-Unsubscribe", "List-Help",
        "List-Archive", "Feedback-ID", "Precedence", "X-Auto-Response-Suppress", "X-Unsent", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip
    assert read["List-Id"] == "Example Health <newsletter.www.example.org>"
    assert read["List-Archive"] == "<https://www.example.org/newsletter/may/>"
    assert read["Feedback-ID"] == "may:newsletter:newsletter.www.example.org"


def test_an_issue_is_held_until_its_hour_and_until_its_articles_are_out(desk: Workshop) -> None:
    desk.article("rest", title="Rest", id="rest-id", draft="true")
    found = desk.build().content.publication
    assert [issue.name for issue in found.held_issues] == ["may"]
    assert not (desk.root / "outputs/newsletter/may.eml").exists()
    desk.article("rest", title="Rest", id="rest-id")
    assert [issue.name for issue in desk.build(NOW.replace(year=2024)).content.publication.held_issues] == ["may"]


def test_an_article_that_was_withdrawn_gives_way_to_a_notice_in_its_issue(desk: Workshop) -> None:
    desk.article("sleep", withdrawn="{date: 2025-05-20, reason: The numbers were wrong.}")
    desk.build()
    for path in ("newsletter/may.html", "newsletter/may.txt"):
        assert "The numbers were wrong." in desk.read(path)
        assert "A first paragraph" not in desk.read(path)


def test_a_faulty_issue_keeps_what_was_made_of_it(desk: Workshop) -> None:
    desk.build()
    before = desk.read("newsletter/may.html")
    desk.write("content/newsletters/may.yaml", ISSUE.replace("rest,", "rset,"))
    assert [str(fault).splitlines()[0] for fault in desk.build().faults] == [
        "content/newsletters/may.yaml:7:26: No article has the slug 'rset'. Did you mean 'rest'?"
    ]
    assert desk.read("newsletter/may.html") == before


@pytest.mark.parametrize(
    ("line", "broken", "said"),
    [
        (
            "Dear {{name|reader}}",
            "Dear {{name}}",
            ":6:8: This begins a merge field, and is none: name or site, a bar, words",
        ),
        ("Dear {{name|reader}}", "Dear {{email|x}}", ":6:8: This begins a merge field, and is none"),
        ("Dear {{name|reader}}", "Dear {name|reader}", ":6:8: This begins a merge field, and is none"),
        ("articles: [sleep,", "articles: [sleep, sleep,", ":7:19: 'sleep' is in this issue twice."),
        (
            'subject: "{{name|Dear reader}}, two things this month"',
            "subject: {{name|Dear reader}}, two",
            'subject: "{{name|Dear reader}}, two"',
        ),
        ("[sleep](sleep)", "[sleep](slep)", "No article has the slug 'slep'. Did you mean 'sleep'?"),
        ("[sleep](sleep)", "sleep.[^1]", "An issue has no sources to cite."),
        ("list: outreach", "lists: outreach", "An issue has no key 'lists'. Did you mean 'list'?"),
        ("articles: [sleep,", "articles: [{slug: sleep, as: tease},", "'tease' is not known here."),
        ("date: 2025-05-01T09:00:00-04:00", "date: tomorrow", "'tomorrow' is not a date."),
    ],
)
def test_what_is_wrong_in_an_issue_is_told_with_its_place(desk: Workshop, line: str, broken: str, said: str) -> None:
    desk.write("content/newsletters/may.yaml", ISSUE.replace(line, broken))
    faults = [str(fault) for fault in desk.build().faults]
    assert len(faults) == 1
    assert faults[0].startswith("content/newsletters/may.yaml:")
    assert said in faults[0]


def test_an_issue_may_not_have_the_name_of_an_article(desk: Workshop) -> None:
    desk.write("content/newsletters/rest.yaml", ISSUE)
    assert "is an issue of the name 'rest' by itself" in str(desk.build().faults[0])


def test_an_article_that_keeps_itself_out_is_in_no_issue(desk: Workshop) -> None:
    desk.article("rest", title="Rest", id="rest-id", channels="{newsletter: false}")
    assert "'rest' keeps itself out of the newsletter." in str(desk.build().faults[0])


def test_fields_with_defaults_leave_text_without_fields_alone() -> None:
    assert filled("no field {{here}}") == "no field {{here}}"
