"""Files that commands write."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.kit.cli_files import written


def write_half(file: Path) -> None:
    with written(file) as stream:
        stream.write(b"sec")
        raise KeyboardInterrupt


def test_file_comes_into_being_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was there before stays when writing fails half way; folders on the way are made."""
    file = tmp_path / "out" / "run.json"
    with written(file) as stream:
        stream.write(b"first")
    with pytest.raises(KeyboardInterrupt):
        write_half(file)
    assert file.read_bytes() == b"first"
    assert [path.name for path in file.parent.iterdir()] == ["run.json"]


def test_link_stays_a_link(tmp_path: Path) -> None:
    """The file that a link points to is written, the link is not replaced."""
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "run.json")
    with written(link) as stream:
        stream.write(b"{}")
    assert link.is_symlink()
    assert (tmp_path / "run.json").read_bytes() == b"{}"


def test_device_is_written_to_and_not_replaced() -> None:
    """`-o /dev/null` writes to it."""
    with written(Path("/dev/null")) as stream:
        stream.write(b"nothing")
    assert not Path("/dev/null").is_file()


def test_nothing_said_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Bytes go out as they are."""
    with written(None) as stream:
        stream.write("보장".encode())
        stream.flush()
    assert capfdbinary.readouterr().out == "보장".encode()
