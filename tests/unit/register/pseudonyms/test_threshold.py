"""Shares and the ceremony that makes them."""

from __future__ import annotations

import dataclasses
import hashlib
from itertools import combinations

import pytest

from register.pseudonyms.errors import Complaint, InvalidInput
from register.pseudonyms.oprf import ceremony, threshold
from register.pseudonyms.oprf.ceremony import Commit, Dealer, Dealt, Reveal, Session
from register.pseudonyms.oprf.group import Element, Scalar, ristretto255, small_scalar
from register.pseudonyms.oprf.threshold import KeyShare
from schemas.codes import Partition
from tests.unit.register.pseudonyms.support import published_key

AW, BQ, CW, NL, SX = Partition
SESSION = Session("phone/e1", bytes(31) + b"\1")


def _pad(country: Partition, length: int) -> bytes:
    return hashlib.shake_256(b"ceremony key of " + country.encode()).digest(length)


def _seal(recipient: Partition, data: bytes) -> bytes:
    """Stands in for sealing to a country: a pad, and a tag that tells whose it is."""
    return recipient.encode() + bytes(a ^ b for a, b in zip(data, _pad(recipient, len(data)), strict=True))


def _opener(own: Partition) -> ceremony.Open:
    def open_sealed(sealed: bytes) -> bytes:
        if sealed[:2] != own.encode():
            raise ValueError("not sealed to this country")
        return bytes(a ^ b for a, b in zip(sealed[2:], _pad(own, len(sealed) - 2), strict=True))

    return open_sealed


class Play:
    """A ceremony of five, in which a test may change what is said."""

    def __init__(self, session: Session = SESSION) -> None:
        begun = {country: ceremony.begin(session, country) for country in Partition}
        self.dealers: dict[Partition, Dealer] = {country: dealer for country, (dealer, _) in begun.items()}
        self.commits: dict[Partition, Commit] = {country: said for country, (_, said) in begun.items()}
        self.reveals: dict[Partition, Reveal] = {}
        self.dealt: dict[Partition, Dealt] = {}

    def reveal(self) -> Play:
        self.reveals = {c: ceremony.reveal(dealer, self.commits) for c, dealer in self.dealers.items()}
        return self

    def deal(self) -> Play:
        self.dealt = {c: ceremony.deal(d, self.commits, self.reveals, _seal) for c, d in self.dealers.items()}
        return self

    def finish(self, country: Partition) -> KeyShare:
        dealer = self.dealers[country]
        return ceremony.finish(dealer, self.commits, self.reveals, self.dealt, _opener(country))


def _shares(play: Play) -> dict[Partition, KeyShare]:
    return {country: play.finish(country) for country in Partition}


def _whole_key(shares: dict[Partition, KeyShare], three: tuple[Partition, ...]) -> Scalar:
    """What no program outside of a test ever does."""
    group, weights = ristretto255(), threshold.lagrange(three)
    parts = [group.scalar_multiply(weights[country], shares[country].share) for country in three]
    return group.scalar_add(group.scalar_add(parts[0], parts[1]), parts[2])


def test_all_five_end_with_the_same_public_shares_and_transcript() -> None:
    shares = _shares(Play().reveal().deal())
    assert all(share.public == shares[AW].public for share in shares.values())
    public = shares[AW].public
    assert (public.key_id, public.generation, len(public.transcript)) == ("phone/e1", 0, 32)
    assert set(public.shares) == set(Partition)


def test_each_share_fits_its_public_share() -> None:
    for country, share in _shares(Play().reveal().deal()).items():
        assert ristretto255().multiply_base(share.share) == share.public.shares[country]


def test_any_three_shares_make_the_key_behind_the_joint_public_key() -> None:
    shares = _shares(Play().reveal().deal())
    keys = {_whole_key(shares, three) for three in combinations(Partition, 3)}
    assert [ristretto255().multiply_base(key) for key in keys] == [shares[AW].public.joint]


def test_two_shares_do_not_make_the_key() -> None:
    with pytest.raises(InvalidInput):
        threshold.lagrange((AW, BQ))
    with pytest.raises(InvalidInput):
        threshold.lagrange((AW, BQ, BQ))


def test_two_ceremonies_make_different_keys() -> None:
    first, second = (Play().reveal().deal().finish(AW).public for _ in range(2))
    assert first.joint != second.joint
    assert first.transcript != second.transcript


def test_nobody_reveals_before_all_five_have_committed() -> None:
    play = Play()
    del play.commits[SX]
    with pytest.raises(InvalidInput, match="SX"):
        ceremony.reveal(play.dealers[AW], play.commits)


def test_copied_commit_ends_the_ceremony() -> None:
    play = Play()
    play.commits[SX] = Commit(SX, play.commits[AW].digest)
    with pytest.raises(Complaint):
        ceremony.reveal(play.dealers[AW], play.commits)


def test_reveal_that_differs_from_its_commit_ends_the_ceremony() -> None:
    play = Play().reveal()
    changed, _ = ceremony.begin(SESSION, CW)
    play.reveals[CW] = ceremony.reveal(changed, play.commits)
    with pytest.raises(Complaint) as complaint:
        play.deal()
    assert complaint.value.accused is CW


def test_contribution_without_knowledge_of_its_constant_ends_the_ceremony() -> None:
    """A country that sets its commitment to the joint key it wants, less the others', cannot prove that it knows it."""
    play = Play()
    wanted = ristretto255().multiply_base(small_scalar(7))
    honest = ceremony.reveal(play.dealers[NL], play.commits)
    rogue = dataclasses.replace(honest, commitments=(wanted, *honest.commitments[1:]))
    play.commits[NL] = Commit(NL, ceremony._reveal_digest(SESSION, rogue))
    play.reveal()
    play.reveals[NL] = rogue
    with pytest.raises(Complaint, match="prove") as complaint:
        play.deal()
    assert complaint.value.accused is NL


def test_proof_of_another_ceremony_is_not_taken() -> None:
    old = Play(Session("phone/e1", bytes(32))).reveal().reveals[BQ]
    play = Play()
    play.commits[BQ] = Commit(BQ, ceremony._reveal_digest(SESSION, old))
    play.reveal()
    play.reveals[BQ] = old
    with pytest.raises(Complaint) as complaint:
        play.deal()
    assert complaint.value.accused is BQ


@pytest.mark.parametrize("commitments", [(), (Element(bytes(32)),) * 3])
def test_commitments_that_are_no_three_elements_end_the_ceremony(commitments: tuple[Element, ...]) -> None:
    play = Play()
    rogue = dataclasses.replace(ceremony.reveal(play.dealers[SX], play.commits), commitments=commitments)
    play.commits[SX] = Commit(SX, ceremony._reveal_digest(SESSION, rogue))
    play.reveal()
    play.reveals[SX] = rogue
    with pytest.raises(Complaint):
        play.deal()


def test_wrong_share_is_complained_of_by_the_country_that_got_it() -> None:
    play = Play().reveal().deal()
    head = ceremony._share_message(SESSION, CW, AW)
    play.dealt[CW] = Dealt(CW, {**play.dealt[CW].sealed, AW: _seal(AW, head + small_scalar(5))})
    with pytest.raises(Complaint, match="does not fit") as complaint:
        play.finish(AW)
    assert complaint.value.accused is CW


def test_wrong_share_changes_the_transcript_of_those_who_got_a_right_one() -> None:
    """So even if the victim kept silent, five equal signatures would not come together."""
    play = Play().reveal().deal()
    honest = play.finish(NL).public.transcript
    play.dealt[CW] = Dealt(CW, {**play.dealt[CW].sealed, AW: b"AW other bytes"})
    assert play.finish(NL).public.transcript != honest


def test_share_meant_for_another_place_is_complained_of() -> None:
    play = Play().reveal().deal()
    share = threshold.share_of(play.dealers[CW].polynomial, AW)
    play.dealt[CW] = Dealt(
        CW, {**play.dealt[CW].sealed, AW: _seal(AW, ceremony._share_message(SESSION, CW, BQ) + share)}
    )
    with pytest.raises(Complaint, match="another ceremony or place"):
        play.finish(AW)


@pytest.mark.parametrize("sealed", [b"", b"BQ" + bytes(98)])
def test_share_that_cannot_be_opened_is_complained_of(sealed: bytes) -> None:
    play = Play().reveal().deal()
    play.dealt[CW] = Dealt(CW, {**play.dealt[CW].sealed, AW: sealed})
    with pytest.raises(Complaint, match="cannot be opened"):
        play.finish(AW)


def test_dealer_that_leaves_a_country_out_is_complained_of() -> None:
    play = Play().reveal().deal()
    play.dealt[CW] = Dealt(CW, {c: sealed for c, sealed in play.dealt[CW].sealed.items() if c is not SX})
    with pytest.raises(Complaint, match="all five"):
        play.finish(AW)


def test_country_that_was_told_other_commits_sees_it_at_once() -> None:
    play = Play().reveal().deal()
    honest = play.finish(NL).public.transcript
    other = Play().reveal().deal()
    mixed = dataclasses.replace(play.reveals[SX], salt=other.reveals[SX].salt)
    play.reveals[SX] = mixed
    with pytest.raises(Complaint):
        play.finish(NL)
    assert honest != other.finish(NL).public.transcript


def test_secrets_are_in_no_repr() -> None:
    play = Play().reveal().deal()
    share = play.finish(AW)
    assert share.share.hex() not in repr(share)
    assert repr(share.share) not in repr(share)
    assert all(repr(term) not in repr(play.dealers[AW]) for term in play.dealers[AW].polynomial)


def test_shared_published_key_has_its_published_public_key() -> None:
    shares = threshold.split("phone/e1", published_key())
    assert shares[0].public.joint == ristretto255().multiply_base(published_key())


def test_randomness_is_the_callers() -> None:
    def fixed(length: int) -> bytes:
        return hashlib.shake_256(b"fixed").digest(length)

    first, second = (ceremony.begin(SESSION, AW, random_bytes=fixed)[1] for _ in range(2))
    assert first == second
