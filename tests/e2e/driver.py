"""A real browser, driven by chromedriver: the few commands of WebDriver that
the tests need."""
import contextlib
import json
import re
import shutil
import subprocess
import urllib.request

from conftest import LIMIT_S

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--autoplay-policy=no-user-gesture-required", "--mute-audio", "--proxy-server=direct://"]
LACKS = next((f"no {program} here" for program in ("chromium", "chromedriver") if not shutil.which(program)), "")


class Browser:
    """One window.  What the browser refuses is urllib's HTTPError."""

    def __init__(self, port, options):
        self.base = f"http://127.0.0.1:{port}/session"
        # Of this machine, whatever the environment says of proxies.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.base += "/" + self.command("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "timeouts": {"script": LIMIT_S * 1000}}}})["sessionId"]

    def command(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with self.opener.open(request, timeout=LIMIT_S * 2) as answer:
            return json.load(answer)["value"]

    def visit(self, url):
        """Comes back when the page has been loaded."""
        self.command("POST", "/url", {"url": url})

    def ask(self, script, *values):
        """What a function of this body returns; it may await."""
        wrapped = ("const done = arguments[arguments.length - 1];"
                   f"(async function() {{ {script} }}).apply(null, arguments).then(done, error => done(String(error)))")
        return self.command("POST", "/execute/async", {"script": wrapped, "args": list(values)})

    def at_night(self):
        self.command("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": "dark"}]}})


@contextlib.contextmanager
def browser(profile, size=None):
    """A Browser, as a phone of that (width, height) if given; ended with all
    its processes."""
    options = {"args": [*FLAGS, f"--user-data-dir={profile}"], "binary": shutil.which("chromium")}
    if size:
        options["mobileEmulation"] = {"deviceMetrics": {"width": size[0], "height": size[1], "pixelRatio": 2}}
    with subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as driver:
        try:
            lines = iter(driver.stdout.readline, "")
            port = next(match[1] for match in map(re.compile(r"successfully on port (\d+)").search, lines) if match)
            window = Browser(port, options)
            try:
                yield window
            finally:
                window.command("DELETE", "")
        finally:
            driver.terminate()
