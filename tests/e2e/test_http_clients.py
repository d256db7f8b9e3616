"""Real clients: curl and wget get what is on the disk."""
import filecmp
import gzip
import shutil
import subprocess

import pytest

from conftest import ROOT


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "a b/c").mkdir(parents=True)
    (folder / "a b/c/\u00e4.txt").write_text("x" * 50000)
    (folder / "a b/100%.txt").write_text("y")
    (folder / "z.bin").write_bytes(bytes(range(256)) * 4096)
    return folder


def have(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"no {program} here")


def assert_same(left, right):
    compared = filecmp.dircmp(left, right, ignore=["index.html", "robots.txt"], hide=[])
    assert (compared.left_only, compared.right_only, compared.diff_files) == ([], [], [])
    for name in compared.common_dirs:
        assert_same(left / name, right / name)


@have("wget")
def test_wget_mirrors_a_tree_through_its_listings(ezhttpd, tree, tmp_path):
    server = ezhttpd(tree)
    copy = tmp_path / "copy"
    copy.mkdir()
    subprocess.run(["wget", "-q", "-r", "-np", "-nH", "-e", "robots=off", "--restrict-file-names=nocontrol",
                    # Or it keeps each listing in each of its orders.
                    "--reject-regex", "[?]C=", f"http://127.0.0.1:{server.port}/"], cwd=copy, check=True, timeout=60,
                   env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    assert_same(tree, copy)


@have("curl")
@pytest.mark.parametrize("words", [[], ["--http1.0"], ["--http2"], ["--compressed"]])
def test_curl_gets_a_file(ezhttpd, tree, words):
    server = ezhttpd(tree)
    got = subprocess.run(["curl", "-sS", "--fail", *words, f"http://127.0.0.1:{server.port}/z.bin"],
                         capture_output=True, check=True, timeout=60)
    assert got.stdout == (tree / "z.bin").read_bytes()


@have("curl")
def test_curl_does_not_load_again_what_it_has(ezhttpd, tree, tmp_path):
    server = ezhttpd(tree)
    copy = tmp_path / "z.bin"
    url = f"http://127.0.0.1:{server.port}/z.bin"
    subprocess.run(["curl", "-sSR", "-o", copy, url], check=True, timeout=60)
    again = subprocess.run(["curl", "-sS", "-z", copy, "-o", "/dev/null", "-w", "%{http_code}", url],
                           capture_output=True, text=True, check=True, timeout=60)
    assert again.stdout == "304"


@have("curl")
def test_curl_goes_on_where_it_was_broken_off(ezhttpd, tree, tmp_path):
    server = ezhttpd(tree)
    copy = tmp_path / "z.bin"
    whole = (tree / "z.bin").read_bytes()
    copy.write_bytes(whole[:100000])
    got = subprocess.run(["curl", "-sS", "-C", "-", "-o", copy, "-w", "%{http_code} %{size_download}",
                          f"http://127.0.0.1:{server.port}/z.bin"], capture_output=True, text=True, timeout=60)
    assert got.stdout == f"206 {len(whole) - 100000}"
    assert copy.read_bytes() == whole


@have("curl")
def test_curl_unpacks_what_was_compressed_beforehand(ezhttpd, tree):
    (tree / "page.txt").write_text("unpacked")
    (tree / "page.txt.gz").write_bytes(gzip.compress(b"unpacked" * 1000))
    server = ezhttpd(tree)
    got = subprocess.run(["curl", "-sS", "--compressed", f"http://127.0.0.1:{server.port}/page.txt"],
                         capture_output=True, timeout=60)
    assert got.stdout == b"unpacked" * 1000


@have("curl")
def test_an_upload_is_refused_without_hanging(ezhttpd, tree):
    server = ezhttpd(tree)
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-T", tree / "z.bin",
                           f"http://127.0.0.1:{server.port}/up"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "405"


def test_the_projects_own_site_is_served(ezhttpd):
    server = ezhttpd(ROOT / "site")
    total = 0
    for name in ("", "style.css", "processes.svg"):
        status, body = server.get("/" + name)
        assert status == 200
        total += len(body)
    assert total < 20000
