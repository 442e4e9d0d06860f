"""Judges every bill of materials in a directory and prints one line of JSON for each: {"file", "problems"}.

SPDX (*.spdx.json) by spdx-tools, CycloneDX (*.cdx.json) by the strict validator of cyclonedx-python-lib, and the package
URLs of both by packageurl-python.
"""

import json
import pathlib
import sys
from urllib.parse import unquote

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

cyclonedx = JsonStrictValidator(SchemaVersion.V1_6)


def purl_problems(purls):
    for text in purls:
        try:
            purl = PackageURL.from_string(text)
        except ValueError as error:
            yield f"{text}: {error}"
            continue
        if purl.type != "oci" or "repository_url" not in purl.qualifiers:
            yield f"{text}: not an image in a repository"
        # Writers differ in whether they encode the signs ":" and "/".
        if unquote(purl.to_string()) != unquote(text):
            yield f"{text}: read as {purl.to_string()}"


def judge_spdx(text):
    data = json.loads(text)
    try:
        document = JsonLikeDictParser().parse(data)
    except SPDXParsingError as error:
        return list(error.get_messages())
    problems = [message.validation_message for message in validate_full_spdx_document(document)]
    references = [one for package in data["packages"] for one in package.get("externalRefs", [])]
    return problems + list(purl_problems(one["referenceLocator"] for one in references))


def judge_cyclonedx(text):
    found = cyclonedx.validate_str(text)
    data = json.loads(text)
    components = [data["metadata"]["component"], *data["components"]]
    problems = [] if found is None else [str(found)[:500]]
    return problems + list(purl_problems(one["purl"] for one in components if "purl" in one))


for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    judge = {".spdx.json": judge_spdx, ".cdx.json": judge_cyclonedx}.get("".join(path.suffixes[-2:]))
    problems = judge(path.read_text("utf-8")) if judge else ["no judge for this ending"]
    print(json.dumps({"file": path.name, "problems": problems}), flush=True)
