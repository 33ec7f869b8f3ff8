#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator writes who has Python and an evening: the bench compares idou with it.

script.py ROSTER UNITS GAIJI MAPPINGS: reads HR's files and the directory, works out what accounts and
memberships should be, prints what differs. It knows the same rules as the mappings that ship, by
heart: one roster, no orders, no history, no guards, nothing remembered. LDAP_URI, CA_FILE, READER_DN,
READER_SECRET and BASE say where the directory is.
"""
import csv
import os
import sys

import ldap
import ldap.modlist

ATTRIBUTES = [
    "objectClass", "uid", "cn", "sn", "givenName", "displayName", "mail", "departmentNumber", "ou",
    "title", "employeeType", "telephoneNumber", "manager", "employeeNumber", "pwdAccountLockedTime",
    "entryUUID",
]
EMPLOYMENT = {"1": "regular", "2": "rehired", "3": "fiscal", "4": "term"}
ROLE = {"1": "本務", "2": "兼務"}
FILLER = "cn=idou-filler"


def read_gaiji(path):
    table = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes = row["unicode"].replace("U+", "").split()
            table[int(row["code"], 16)] = "".join(chr(int(code, 16)) for code in codes)
    return table


def read_csv(path, encoding, gaiji=None):
    with open(path, encoding=encoding, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows if gaiji else []:
        for field in "氏名", "旧姓":
            row[field] = row[field].translate(gaiji)
    return rows


def read_people(rows):
    people = {}
    for row in rows:
        person = people.setdefault(row["職員番号"], {"posts": []})
        person["posts"].append(row)
        if row["本務兼務区分"] == "1":
            person["main"] = row
    return people


def names_of(row):
    parts = row["氏名"].replace("　", " ").split()
    if row["旧姓使用"] == "1" and row["旧姓"]:
        parts[0] = row["旧姓"]
    return parts


def heads_of(people, titles):
    heads = {}
    for number, person in people.items():
        for post in person["posts"]:
            title = titles.get(post["職名コード"])
            if title is None or title["head"] != "1" or post["在職区分"] != "1":
                continue
            candidate = (int(title["rank"]), post["本務兼務区分"], number)
            unit = post["所属コード"]
            if unit not in heads or candidate[:2] < heads[unit][:2]:
                heads[unit] = candidate
    return heads


def head_of(unit, heads, units):
    while unit:
        if unit in heads:
            return heads[unit][2]
        unit = units[unit]["上位所属コード"]
    return None


def read_rules(path, units):
    codes = {}
    for code, unit in units.items():
        codes.setdefault(unit["所属名称"], []).append(code)
    rules = []
    for row in csv.DictReader(open(path, encoding="utf-8", newline="")):
        cell = row["条件:所属"]
        below = cell.startswith("所属以下:")
        cell = cell.removeprefix("所属以下:")
        wanted = set(codes.get(cell, [cell])) if cell else None
        rules.append((wanted, below, row["条件:職位"], row["条件:職員種別"], row["条件:区分"],
                      row["結果:グループ"]))
    return rules


def fits(cell, value):
    if not cell:
        return True
    if cell.startswith("以外:"):
        return value not in cell.removeprefix("以外:").split("|")
    return value in cell.split("|")


def lineage(unit, units):
    while unit:
        yield unit
        unit = units[unit]["上位所属コード"]


def groups_of(post, rules, units, titles):
    unit = post["所属コード"]
    title = titles.get(post["職名コード"], {"name": ""})["name"]
    for wanted, below, of_title, employment, role, group in rules:
        if wanted is not None:
            path = set(lineage(unit, units)) if below else {unit}
            if not wanted & path:
                continue
        if (fits(of_title, title) and fits(employment, EMPLOYMENT[post["職員種別"]])
                and fits(role, ROLE[post["本務兼務区分"]])):
            yield group


def connect():
    ldap.set_option(ldap.OPT_X_TLS_CACERTFILE, os.environ["CA_FILE"])
    directory = ldap.initialize(os.environ["LDAP_URI"])
    directory.start_tls_s()
    with open(os.environ["READER_SECRET"], encoding="utf-8") as file:
        directory.simple_bind_s(os.environ["READER_DN"], file.read())
    return directory


def wanted_account(person, uid, manager, units, titles):
    row = person["main"]
    names = names_of(row)
    unit = row["所属コード"]
    account = {
        "objectClass": ["inetOrgPerson"],
        "uid": [uid],
        "cn": [" ".join(names)],
        "sn": [names[0]],
        "givenName": [" ".join(names[1:])],
        "displayName": ["　".join(names)],
        "mail": [uid + "@city.example"],
        "departmentNumber": [unit],
        "ou": [units[unit]["所属名称"]],
        "title": [titles[row["職名コード"]]["name"]] if row["職名コード"] in titles else [],
        "employeeType": [EMPLOYMENT[row["職員種別"]]],
        "employeeNumber": [row["職員番号"]],
        "manager": [manager] if manager else [],
        "pwdAccountLockedTime": ["000001010000Z"] if row["在職区分"] == "2" else [],
    }
    return {name: [value.encode() for value in values] for name, values in account.items() if values}


def main():
    roster, units_path, gaiji_path, mappings = sys.argv[1:]
    base = os.environ["BASE"]
    units = {row["所属コード"]: row for row in read_csv(units_path, "cp932")}
    titles = {row["code"]: row for row in read_csv(mappings + "/tables/titles.csv", "utf-8")}
    people = read_people(read_csv(roster, "cp932", read_gaiji(gaiji_path)))
    heads = heads_of(people, titles)
    rules = read_rules(mappings + "/tables/groups.csv", units)

    directory = connect()
    found = {}
    for place in "ou=people", "ou=retired":
        for dn, entry in directory.search_s(f"{place},{base}", ldap.SCOPE_SUBTREE,
                                            "(objectClass=inetOrgPerson)", ATTRIBUTES):
            found[entry["employeeNumber"][0].decode()] = dn, entry
    groups = {}
    for dn, entry in directory.search_s(f"ou=groups,{base}", ldap.SCOPE_SUBTREE,
                                        "(objectClass=groupOfNames)", ["cn", "member", "entryUUID"]):
        members = {member.decode() for member in entry["member"]}
        groups[entry["cn"][0].decode()] = {dn for dn in members if not dn.startswith(FILLER)}
    directory.search_s(f"ou=units,{base}", ldap.SCOPE_SUBTREE, "(objectClass=organizationalUnit)",
                       ["businessCategory", "ou", "description", "entryUUID"])

    differences = 0
    members = {group: set() for group in groups}
    for number, person in people.items():
        if number not in found:
            print("new:", number)
            differences += 1
            continue
        dn, entry = found[number]
        unit = person["main"]["所属コード"]
        head = head_of(unit, heads, units)
        if head == number:
            head = head_of(units[unit]["上位所属コード"], heads, units)
        manager = found[head][0] if head in found and head != number else None
        wanted = wanted_account(person, entry["uid"][0].decode(), manager, units, titles)
        entry.pop("entryUUID")
        entry.pop("telephoneNumber", None)
        changes = ldap.modlist.modifyModlist(entry, wanted)
        if changes:
            print("modify:", dn, changes)
            differences += 1
        for post in person["posts"]:
            for group in groups_of(post, rules, units, titles):
                members.setdefault(group, set()).add(dn)
    for number in found.keys() - people.keys():
        print("gone:", number)
        differences += 1
    for group, wanted in members.items():
        is_in = groups.get(group, set())
        for change, dns in ("join", wanted - is_in), ("leave", is_in - wanted):
            for dn in dns:
                print(change, group, dn)
                differences += 1
    print(f"differences: {differences}")


main()
