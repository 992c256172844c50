"""Datasets, their versions and examples, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.appending import append
from pitwall.evals.datasets.errors import DatasetChanged, DatasetInUse, DatasetInvalid, DatasetNotFound
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.service import Datasets, Upload
from pitwall.evals.datasets.staging import NewVersion, Staging
from pitwall.evals.datasets.types import Imported, ReadOptions
from pitwall.evals.types import Answer, Context, Example
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import AuditLog, Projects, StateStore
from pitwall.stores.state.tables import dataset_examples, dataset_version_examples, dataset_versions

SHOP = LOCAL_OPERATOR.on_project("shop")
NEW = NewVersion(source={"kind": "test"})


def make_example(number: int, **changes: Any) -> Example:
    return Example(id=f"e{number}", question=f"{number}번 질문?", language="ko", **changes)


def make_examples(count: int) -> list[Example]:
    return [make_example(number) for number in range(count)]


@pytest.fixture
def datasets(any_store: StateStore, state_clock: ManualClock) -> Datasets:
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    return Datasets(any_store, state_clock)


def import_json(datasets: Datasets, content: Any, **options: Any) -> Imported:
    upload = Upload("qa.json", io.BytesIO(json.dumps(content).encode()))
    return datasets.import_file(upload, ReadOptions(**options), by=SHOP)


def count(store: StateStore, table: Any) -> int:
    with store.session(read_only=True) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def test_examples_come_back_in_their_order(datasets: Datasets) -> None:
    """Iterating and paging give every example once, with its position, whatever the size of a batch."""
    wanted = make_examples(1_203)
    version = datasets.add("qa", wanted, NEW, by=SHOP).version
    assert list(datasets.iterate("shop", version.id)) == list(enumerate(wanted))
    assert [one.id for _, one in datasets.iterate("shop", version.id, after=1_200)] == ["e1201", "e1202"]
    first = datasets.examples("shop", version, limit=1_000)
    second = datasets.examples("shop", version, limit=1_000, cursor=first.next_cursor)
    assert [*first.items, *second.items] == list(enumerate(wanted))
    assert second.next_cursor is None


def test_another_project_sees_nothing(datasets: Datasets) -> None:
    """Neither by name nor by the id of a version."""
    version = datasets.add("qa", make_examples(2), NEW, by=SHOP).version
    assert not datasets.list("default").items
    with pytest.raises(DatasetNotFound):
        datasets.get("default", "qa")
    assert not list(datasets.iterate("default", version.id))
    assert not datasets.examples("default", version).items


def test_equal_content_finds_the_version_there_is(datasets: Datasets, any_store: StateStore) -> None:
    """In any order of examples and without a second copy of anything; the audit log has one entry."""
    first = datasets.add("qa", make_examples(3), NEW, by=SHOP)
    again = datasets.add("qa", reversed(make_examples(3)), NEW, by=SHOP)
    assert first.is_new
    assert not again.is_new
    assert again.version == first.version
    assert count(any_store, dataset_versions) == 1
    with any_store.session(read_only=True) as session:
        (entry,) = AuditLog(session).list(project_id="shop")
    assert entry.action == "dataset.version_added"
    assert entry.details == {"version": 1, "examples": 3, "hash": first.version.content_hash}


def test_an_example_is_stored_once_for_all_versions(datasets: Datasets, any_store: StateStore) -> None:
    """A version with one more example adds one, also in another dataset."""
    datasets.add("qa", make_examples(3), NEW, by=SHOP)
    second = datasets.add("qa", make_examples(4), NEW, by=SHOP)
    datasets.add("other", make_examples(4), NEW, by=SHOP)
    assert (second.version.number, second.dataset.version_count) == (2, 2)
    assert count(any_store, dataset_examples) == 4


def test_other_thresholds_are_another_version_with_the_same_hash(datasets: Datasets) -> None:
    """What a case passes at has changed, the cases have not; a file that says nothing finds the newest."""
    cases = {"name": "qa", "test_cases": [{"id": "a", "question": "Q?"}]}
    first = import_json(datasets, {**cases, "version": "1.0", "thresholds": {"faithfulness": 0.7}})
    second = import_json(datasets, {**cases, "version": "1.0", "thresholds": {"faithfulness": 0.8}})
    third = import_json(datasets, cases)
    assert (first.version.number, second.version.number) == (1, 2)
    assert first.version.content_hash == second.version.content_hash
    assert third.version == second.version


def test_versions_are_found_by_number_and_label(datasets: Datasets) -> None:
    """The newest unless said otherwise; a label is that of its newest version."""
    for number, label in ((1, "1.0"), (2, "1.0"), (3, None)):
        datasets.add("qa", make_examples(number), NewVersion(label=label, source={}), by=SHOP)
    numbers = {name: datasets.get("shop", "qa", name)[1].number for name in (None, "1", "1.0")}
    assert numbers == {None: 3, "1": 1, "1.0": 2}
    with pytest.raises(DatasetNotFound, match="no version '9'"):
        datasets.get("shop", "qa", "9")
    assert [one.number for one in datasets.versions("shop", "qa").items] == [3, 2, 1]


def test_lists_are_paged_by_cursor(datasets: Datasets) -> None:
    """Names in order, each once; a cursor of another list is refused."""
    for name in ("b", "a", "c"):
        datasets.add(name, make_examples(1), NEW, by=SHOP)
    first = datasets.list("shop", limit=2)
    second = datasets.list("shop", limit=2, cursor=first.next_cursor)
    assert [[one.name for one in page.items] for page in (first, second)] == [["a", "b"], ["c"]]
    with pytest.raises(InvalidInput, match="cursor"):
        datasets.versions("shop", "a", cursor=first.next_cursor)


def test_a_number_is_never_given_twice(datasets: Datasets) -> None:
    """After version 2 was deleted the next one is 3: what somebody wrote down keeps its meaning."""
    datasets.add("qa", make_examples(1), NEW, by=SHOP)
    datasets.add("qa", make_examples(2), NEW, by=SHOP)
    (gone,) = datasets.delete("qa", version="2", by=SHOP)
    assert gone.number == 2
    assert datasets.add("qa", make_examples(3), NEW, by=SHOP).version.number == 3


def test_deletion_leaves_what_others_have(datasets: Datasets, any_store: StateStore) -> None:
    """Examples of another dataset stay; with the last version the dataset goes."""
    datasets.add("qa", make_examples(3), NEW, by=SHOP)
    kept = datasets.add("other", make_examples(1), NEW, by=SHOP).version
    datasets.delete("qa", by=SHOP)
    assert [one.name for one in datasets.list("shop").items] == ["other"]
    assert list(datasets.iterate("shop", kept.id)) == [(0, make_example(0))]
    assert (count(any_store, dataset_examples), count(any_store, dataset_version_examples)) == (1, 1)


def test_what_runs_use_is_not_deleted(any_store: StateStore, state_clock: ManualClock) -> None:
    """The error names the runs; nothing is gone."""
    used = Datasets(any_store, state_clock, used_by=lambda *_: ["run_1", "run_2"])
    used.add("qa", make_examples(1), NEW, by=LOCAL_OPERATOR)
    with pytest.raises(DatasetInUse, match="run_1, run_2"):
        used.delete("qa", by=LOCAL_OPERATOR)
    assert used.get("default", "qa")[1].example_count == 1


def test_a_crash_while_writing_leaves_nothing_to_see(
    datasets: Datasets, any_store: StateStore, state_clock: ManualClock
) -> None:
    """A version without a number is not listed, and the first import a day later clears it away."""
    staging = Staging(io.BytesIO())
    staging.add(make_example(1))
    with any_store.session() as session:
        stored = StoredDatasets(session, "shop")
        dataset_id = stored.ensure("qa", at=state_clock.now(), by="me")
        begun = stored.begin(dataset_id, staging, NEW, at=state_clock.now(), by="me")
        stored.add(begun, list(staging.rows()))
    assert not datasets.list("shop").items
    datasets.add("other", make_examples(1), NEW, by=SHOP)
    assert count(any_store, dataset_versions) == 2
    state_clock.advance(2 * 86_400)
    datasets.add("other", make_examples(3), NEW, by=SHOP)
    assert count(any_store, dataset_versions) == 2
    assert count(any_store, dataset_version_examples) == 4


def test_a_crash_while_deleting_leaves_nothing_to_see(datasets: Datasets, any_store: StateStore) -> None:
    """What was hidden is gone for everybody, and the next import a day later clears it away."""
    version = datasets.add("qa", make_examples(3), NEW, by=SHOP).version
    with any_store.session() as session:
        StoredDatasets(session, "shop").hide([version.id])
    assert not datasets.list("shop").items
    assert datasets.add("qa", make_examples(3), NEW, by=SHOP).is_new


def test_deletion_goes_in_pieces_and_spares_what_others_have(
    datasets: Datasets, any_store: StateStore
) -> None:
    """Each piece is a transaction of its own; examples of another version stay at every moment."""
    version = datasets.add("qa", make_examples(10), NEW, by=SHOP).version
    kept = datasets.add("other", make_examples(4), NEW, by=SHOP).version
    has_more, pieces = True, 0
    while has_more:
        with any_store.session() as session:
            has_more = StoredDatasets(session, "shop").remove_some(version.id, 3)
        pieces += 1
        assert len(list(datasets.iterate("shop", kept.id))) == 4
    assert pieces == 4
    assert [one.name for one in datasets.list("shop").items] == ["other"]
    assert count(any_store, dataset_examples) == 4


def test_those_who_append_at_once_lose_nothing(datasets: Datasets) -> None:
    """Each makes a version out of the newest; whoever comes too late does it again."""
    datasets.add("qa", make_examples(2), NEW, by=SHOP)

    def add(number: int) -> None:
        append(datasets, "qa", [make_example(number)], {"kind": "test"}, by=SHOP)

    threads = [threading.Thread(target=add, args=(number,)) for number in (7, 8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    version = datasets.get("shop", "qa")[1]
    ids = {example.id for _, example in datasets.iterate("shop", version.id)}
    assert (version.number, ids) == (4, {"e0", "e1", "e7", "e8", "e9"})


def test_a_version_that_is_not_the_newest_is_not_continued(datasets: Datasets) -> None:
    """Examples that somebody else added would be gone."""
    old = datasets.add("qa", make_examples(1), NEW, by=SHOP).version
    datasets.add("qa", make_examples(2), NEW, by=SHOP)
    with pytest.raises(DatasetChanged):
        datasets.add("qa", [make_example(9)], NEW, by=SHOP, based_on=old)
    assert datasets.get("shop", "qa")[1].number == 2


def test_a_failure_while_writing_is_cleaned_up(
    datasets: Datasets, any_store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written before the failure is gone at once."""

    def fail(*_: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(StoredDatasets, "finish", fail)
    with pytest.raises(RuntimeError, match="disk"):
        datasets.add("qa", make_examples(5), NEW, by=SHOP)
    assert (count(any_store, dataset_versions), count(any_store, dataset_examples)) == (0, 0)


def test_imports_at_once_get_numbers_of_their_own(datasets: Datasets) -> None:
    """Eight threads add versions of one dataset; each gets one, and all examples are there."""
    numbers: list[int] = []

    def add(size: int) -> None:
        numbers.append(datasets.add("qa", make_examples(size), NEW, by=SHOP).version.number)

    threads = [threading.Thread(target=add, args=(size,)) for size in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 9))
    for version in datasets.versions("shop", "qa").items:
        assert len(list(datasets.iterate("shop", version.id))) == version.example_count


def test_invalid_file_leaves_nothing(datasets: Datasets, any_store: StateStore) -> None:
    """Not even the dataset; with skip_invalid the good examples are kept and the bad ones told."""
    cases = [{"id": "a", "question": "Q?"}, {"id": "a", "question": "R?"}, {"id": "b"}]
    with pytest.raises(DatasetInvalid, match="duplicate|stands already") as raised:
        import_json(datasets, cases)
    assert raised.value.details["count"] == 2
    assert count(any_store, dataset_versions) == 0
    kept = import_json(datasets, cases, skip_invalid=True)
    assert (kept.version.example_count, kept.skipped_count) == (1, 2)
    assert [one.code for one in kept.skipped] == ["duplicate_id", "missing_question"]


def test_large_texts_and_odd_characters_are_kept(datasets: Datasets) -> None:
    """A megabyte, a NUL, an emoji and decomposed Hangul, which becomes whole syllables."""
    answer = Answer(text="가" * 1_000_000 + "\x00😀", contexts=(Context("줄\n바꿈"),))
    version = datasets.add("qa", [make_example(1, answer=answer)], NEW, by=SHOP).version
    ((_, example),) = datasets.iterate("shop", version.id)
    assert example.answer == answer


def test_who_may_only_read_changes_nothing(datasets: Datasets) -> None:
    """Importing and deleting need the scope act."""
    reader = Principal(SHOP.kind, "reader", "shop", frozenset({Scope.READ}), SHOP.role)
    with pytest.raises(NotPermitted):
        datasets.add("qa", make_examples(1), NEW, by=reader)
    with pytest.raises(NotPermitted):
        datasets.delete("qa", by=reader)


@pytest.mark.parametrize("name", ["", " ", "a/b", "a@1", "x" * 201, "a\nb"])
def test_a_name_that_no_path_can_hold_is_refused(datasets: Datasets, name: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(DatasetInvalid, match="is no name"):
        datasets.add(name, make_examples(1), NEW, by=SHOP)
