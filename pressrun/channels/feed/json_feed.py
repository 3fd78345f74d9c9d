"""A document as JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import Any

from pressrun.channels.feed.document import Document, Enclosure, Entry
from pressrun.templates import iso


def write(document: Document) -> bytes:
    name, url = document.publisher
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "home_page_url": document.home,
        "feed_url": document.address,
        "description": document.about,
        "next_url": document.previous,
        "icon": document.logo,
        "favicon": document.icon,
        "authors": [{"name": name, "url": url}],
        "language": document.language,
        "hubs": [{"type": "WebSub", "url": document.hub}] if document.hub else [],
        "items": [_item(entry, document) for entry in document.entries],
    }
    return (json.dumps(_filled(found) | {"items": found["items"]}, ensure_ascii=False, indent=1) + "\n").encode()


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _item(entry: Entry, document: Document) -> dict[str, Any]:
    return _filled(
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.content,
            "summary": entry.summary,
            "image": entry.image.path if entry.image else "",
            "date_published": iso(entry.published),
            "date_modified": iso(entry.updated),
            "authors": [_filled({"name": author.name, "url": author.url}) for author in entry.authors],
            "tags": [term.name for term in entry.terms],
            "language": entry.language if entry.language != document.language else "",
            "attachments": [_attachment(entry.enclosure)] if entry.enclosure else [],
        }
    )


def _attachment(file: Enclosure) -> dict[str, Any]:
    return {"url": file.url, "mime_type": file.media_type, "size_in_bytes": file.length}
