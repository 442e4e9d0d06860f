"""A suite by unittest, which also runs under pytest. It needs nothing but Python's standard library."""

import hashlib
import json
import os
import signal
import subprocess
import unittest
import urllib.request

ready = None


def setUpModule():
    """Keep registry, catalog and workflows ready for all tests of this file."""
    global ready
    command = ["npx", "tekton-bundles", "up", "--config", "../bundles.yaml", "--output", "json"]
    up = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    unittest.addModuleCleanup(stop, up)
    # One JSON document, whose last line is a brace alone.
    text = ""
    for line in up.stdout:
        text += line
        if line == "}\n":
            break
    ready = json.loads(text)


def stop(up):
    os.killpg(up.pid, signal.SIGTERM)
    up.wait()
    up.stdout.close()


def get(url):
    accept = "application/vnd.docker.distribution.manifest.v2+json, application/json"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"accept": accept})) as answer:
        return answer.read()


class Suite(unittest.TestCase):
    def setUp(self):
        self.workflow = ready["workflows"]["say-hello"]

    def test_bundle_is_served(self):
        host, rest = self.workflow["reference"].split("/", 1)
        repository = rest.split(":", 1)[0]
        manifest = get(f"http://{host}/v2/{repository}/manifests/{self.workflow['digest']}")
        self.assertEqual("sha256:" + hashlib.sha256(manifest).hexdigest(), self.workflow["digest"])

    def test_workflow_is_registered(self):
        catalog = ready["variables"]["DATASTORAGE_URL"]
        entry = json.loads(get(f"{catalog}/api/v1/workflows/{self.workflow['workflowId']}"))
        self.assertIn(self.workflow["digest"], entry["container_image"])


if __name__ == "__main__":
    unittest.main()
