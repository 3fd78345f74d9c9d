#!/bin/sh
# Makes the files again: pandoc 2.17 and LibreOffice 7.4 of Debian 12 (packages pandoc, libreoffice-writer-nogui).
set -eu
cd "$(dirname "$0")"
to=../importing
export SOURCE_DATE_EPOCH=1741942800
mkdir -p /tmp/made
office() { # source kind target
    soffice --headless --convert-to "$2" --outdir /tmp/made "$1" >/dev/null 2>&1
    mv "/tmp/made/$(basename "${1%.*}").${2%%:*}" "$3"
}
pandoc leaflet.md -o $to/word/pandoc-leaflet.docx
pandoc arabic.md -o $to/word/pandoc-arabic.docx
pandoc pictures.md -o $to/word/pandoc-pictures.docx
sed "s|lamp.png|data:image/png;base64,$(base64 -w0 lamp.png)|" leaflet.html >/tmp/made/leaflet.html
soffice --headless --infilter="HTML (StarWriter)" --convert-to odt --outdir /tmp/made /tmp/made/leaflet.html >/dev/null 2>&1
office /tmp/made/leaflet.odt docx $to/word/office-leaflet.docx
pandoc leaflet.md -o /tmp/made/light.odt
office /tmp/made/light.odt docx $to/word/office-odt.docx
soffice --headless --infilter="HTML (StarWriter)" --convert-to odt --outdir /tmp/made bold.html >/dev/null 2>&1
office /tmp/made/bold.odt docx $to/word/office-bold.docx
office review.fodt docx $to/word/office-review.docx
pandoc leaflet.md -s -o $to/page/pandoc-leaflet.html
pandoc leaflet.md -s -B before.html -A after.html -H head.html -o $to/page/pandoc-frame.html
pandoc arabic.md -s --toc -o $to/page/pandoc-arabic.html
office /tmp/made/light.odt "html:HTML (StarWriter)" $to/page/office-leaflet.html
office review.fodt "html:HTML (StarWriter)" $to/page/office-review.html
