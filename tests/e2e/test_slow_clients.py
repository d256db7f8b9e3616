"""A slow line is no attack: honest clients that lose packets are not cut."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

CLIENTS = 20
LIMIT_S = 120
MISSING = [tool for tool in ("ip", "tc", "nft") if not shutil.which(tool)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, for network namespaces")
@pytest.mark.skipif(bool(MISSING), reason=f"needs {' '.join(MISSING)}")
@pytest.mark.parametrize("loss_percent, patience_s, most_cut, fewest_served", [
    (10, 60, 0, CLIENTS),
    # Few get their whole page in this time; hardly one is cut.
    (30, 20, 1, 0),
])
def test_clients_at_56_kbit_with_loss_are_not_cut(loss_percent, patience_s, most_cut, fewest_served):
    said = subprocess.run(
        [ROOT / "lab/attack/slow_clients", "--clients", str(CLIENTS), "--lines", str(CLIENTS), "--rate", "56",
         "--loss", str(loss_percent), "--patience", str(patience_s)],
        check=True, text=True, stdout=subprocess.PIPE, timeout=LIMIT_S).stdout
    figures = re.search(r"clients (\d+) served (\d+) cut (\d+)", said)
    clients, served, cut = (int(number) for number in figures.groups())
    assert clients == CLIENTS
    assert cut <= most_cut, said
    assert served >= fewest_served, said
