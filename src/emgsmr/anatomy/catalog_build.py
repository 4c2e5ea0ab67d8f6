"""From checked records to muscles, pairs and slings, with every reference between them resolved."""

from __future__ import annotations

import re
from typing import Any

from emgsmr.anatomy.catalog_file import Record, Records
from emgsmr.anatomy.muscle import GROUPS, Muscle
from emgsmr.anatomy.pair import Pair
from emgsmr.anatomy.sling import Member, Sling, Source
from emgsmr.errors import SettingsError

_CODE = re.compile(r"[A-Z][A-Z0-9]{0,9}")


def _need(record: Record, *keys: str) -> None:
    for key in keys:
        if key not in record:
            raise SettingsError(f"{record['where']}: {key} is missing")


def _plain(record: Record, *leave_out: str) -> dict[str, Any]:
    plain = {key: value for key, value in record.items() if key not in ("where", *leave_out)}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}


def _cited(record: Record, key: str, sources: dict[str, Source]) -> tuple[Source, ...]:
    for name in record.get(key, ()):
        if name not in sources:
            raise SettingsError(f"{record['where']}: unknown source {name!r}; add it under [source]")
    return tuple(sources[name] for name in record.get(key, ()))


def sources(records: Records) -> dict[str, Source]:
    """Citations, by key."""
    for record in records.source.values():
        _need(record, "citation")
    return {key: Source(key, **_plain(record)) for key, record in records.source.items()}


def muscles(records: Records, known: dict[str, Source]) -> dict[str, Muscle]:
    """Muscles, by code."""
    result = {}
    for code, record in records.muscle.items():
        _need(record, "name")
        if not _CODE.fullmatch(code) or code in GROUPS:
            raise SettingsError(
                f"{record['where']}: a code is up to ten capitals and digits, and no group's name"
            )
        group = record.get("group")
        if group is not None and code not in GROUPS.get(group, ()):
            raise SettingsError(f"{record['where']}: the groups are fixed ({GROUPS}); leave group out")
        for key in ("limit_source", "timing_source", "placement_source"):
            _cited(record, key, known)
        window = record.get("walk_window_pct")
        result[code] = Muscle(
            **_plain(record, "walk_window_pct"),
            walk_window=None if window is None else (window[0], window[1]),
        )
    return result


def _label(codes: list[str]) -> str:
    for name, group in GROUPS.items():
        if set(codes) == set(group):
            return name
    return "+".join(codes)


def pairs(records: Records, muscles: dict[str, Muscle], known: dict[str, Source]) -> dict[str, Pair]:
    """Compensation pairs, by id."""
    result = {}
    for identity, record in records.pair.items():
        where = record["where"]
        _need(record, "prime", "compensator", "run_window_pct", "evidence")
        for code in (*record["prime"], *record["compensator"]):
            if code not in muscles:
                raise SettingsError(f"{where}: unknown muscle {code!r}; add it as [[muscle]]")
        derived_from = record.get("derived_from")
        if derived_from is not None and derived_from not in records.pair:
            raise SettingsError(f"{where}: derived_from names an unknown pair {derived_from!r}")
        status = record.get("status", "optional")
        start, stop = record["run_window_pct"]
        pair = Pair(
            id=identity,
            prime=tuple(record["prime"]),
            compensator=tuple(record["compensator"]),
            prime_name=record.get("prime_name") or _label(record["prime"]),
            compensator_name=record.get("compensator_name") or _label(record["compensator"]),
            enabled=record.get("enabled", status == "on"),
            status=status,
            run_window=(start, stop),
            level=record.get("level", "D"),
            evidence=record["evidence"],
            shared_task=record.get("shared_task", ""),
            sources=_cited(record, "sources", known),
            note=record.get("note", ""),
            compensator_side=record.get("compensator_side", "same"),
            derived_from=derived_from,
        )
        if pair.enabled and not pair.measurable:
            raise SettingsError(f"{where}: cannot be enabled, since a part of it has no surface EMG")
        if stop - start > 100:
            raise SettingsError(f"{where}: run_window_pct is longer than a stride")
        result[identity] = pair
    return result


def slings(
    records: Records, muscles: dict[str, Muscle], pairs: dict[str, Pair], known: dict[str, Source]
) -> tuple[Sling, ...]:
    """Atomic slings, in the order of the files."""
    result = []
    for record in records.sling.values():
        where = record["where"]
        _need(record, "name", "system", "members", "evidence")
        members = tuple(
            Member(**member) for member in record["members"] if _check_member(member, muscles, where)
        )
        if not members or len(set(members)) < len(members):
            raise SettingsError(f"{where}: needs members, each of them once")
        for identity in record.get("pairs", ()):
            if identity not in pairs:
                raise SettingsError(f"{where}: unknown pair {identity!r}")
        plain = _plain(record, "members", "sources")
        result.append(Sling(**plain, members=members, sources=_cited(record, "sources", known)))
    return tuple(result)


def _check_member(member: Record, muscles: dict[str, Muscle], where: str) -> bool:
    if "name" not in member:
        raise SettingsError(f"{where}: a member needs a name")
    where = f"{where}, member {member['name']}"
    site = member.get("site")
    if site is not None and site not in muscles:
        raise SettingsError(
            f"{where}: unknown muscle {site!r}; a site is a code without a side, such as GMAX"
        )
    if site is not None and (member.get("depth") == "deep" or not member.get("muscle", True)):
        raise SettingsError(f"{where}: what is deep or no muscle has no site")
    return True


def shown(records: Records, atomic: tuple[Sling, ...]) -> tuple[Sling, ...]:
    """Slings as shown: the lines that the count rule merges stand as one, where the first of them stood."""
    by_id = {sling.id: sling for sling in atomic}
    merged: dict[str, Sling] = {}
    for identity, record in records.merge.items():
        _need(record, "rule", "name", "lines")
        for line in record["lines"]:
            if line not in by_id:
                raise SettingsError(f"{record['where']}: unknown line {line!r}")
        if record["rule"] == records.count_as:
            sling = _merge(identity, record["name"], tuple(by_id[line] for line in record["lines"]))
            merged.update(dict.fromkeys(record["lines"], sling))
    return tuple(dict.fromkeys(merged.get(sling.id, sling) for sling in atomic))


def _merge(identity: str, name: str, lines: tuple[Sling, ...]) -> Sling:
    return Sling(
        id=identity,
        name=name,
        system=lines[0].system,
        members=tuple(dict.fromkeys(member for line in lines for member in line.members)),
        evidence="; ".join(dict.fromkeys(line.evidence for line in lines)),
        sources=tuple(dict.fromkeys(source for line in lines for source in line.sources)),
        pairs=tuple(dict.fromkeys(pair for line in lines for pair in line.pairs)),
        lines=lines,
    )
