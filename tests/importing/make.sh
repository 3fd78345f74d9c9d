#!/bin/sh
# Makes the files again: pandoc 2.17 and LibreOffice 7.4 of Debian 12 (packages pandoc, libreoffice-writer-nogui).
set -eu
cd "$(dirname "$0")"
export SOURCE_DATE_EPOCH=1741942800
mkdir -p /tmp/made
office() { # source kind target
    soffice --headless --convert-to "$2" --outdir /tmp/made "$1" >/dev/null 2>&1
    mv "/tmp/made/$(basename "${1%.*}").${2%%:*}" "$3"
}
pandoc leaflet.md -o word/pandoc-leaflet/article.docx
pandoc arabic.md -o word/pandoc-arabic/article.docx
pandoc pictures.md -o word/pandoc-pictures/article.docx
sed "s|lamp.png|data:image/png;base64,$(base64 -w0 lamp.png)|" leaflet.html >/tmp/made/leaflet.html
soffice --headless --infilter="HTML (StarWriter)" --convert-to odt --outdir /tmp/made /tmp/made/leaflet.html >/dev/null 2>&1
office /tmp/made/leaflet.odt docx word/office-leaflet/article.docx
pandoc leaflet.md -o /tmp/made/light.odt
office /tmp/made/light.odt docx word/office-odt/article.docx
soffice --headless --infilter="HTML (StarWriter)" --convert-to odt --outdir /tmp/made bold.html >/dev/null 2>&1
office /tmp/made/bold.odt docx word/office-bold/article.docx
office review.fodt docx word/office-review/article.docx
pandoc leaflet.md -s -o page/pandoc-leaflet/article.html
pandoc leaflet.md -s -B before.html -A after.html -H head.html -o page/pandoc-frame/article.html
pandoc arabic.md -s --toc -o page/pandoc-arabic/article.html
office /tmp/made/light.odt "html:HTML (StarWriter)" page/office-leaflet/article.html
office review.fodt "html:HTML (StarWriter)" page/office-word/article.html
rm -f page/*/*.png page/*/*.gif
