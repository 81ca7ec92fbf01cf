"""What a thief reads of a node's disk is what the operator's guide says, with the passphrase and without."""

from __future__ import annotations

import shutil

from register.keys.home import passphrase_file
from tests.drills.stolen_host import AW, drill, node
from tests.support.runs.long_form import by_form


def test_stolen_disk_opens_no_more_than_the_guide_says_and_a_passphrase_left_on_it_is_found() -> None:
    with node() as made:
        assert drill(made, lambda _: None, most=by_form(short=8, long=None))["violations"] == []
        shutil.copy(passphrase_file(made.settings, AW), made.settings.home / "secrets")
        told = drill(made, lambda _: None, most=by_form(short=8, long=None))["violations"]
    assert [line.split(":")[0] for line in told] == [
        "names, numbers and stories, through the key store",
        "signing keys and key shares of the node",
    ]
