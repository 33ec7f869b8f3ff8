# SPDX-License-Identifier: GPL-3.0-or-later
#
# For demos with a real slapd in $work/slapd and, where $domain is set, a Samba domain in $work/dc. Sourced after kit.sh; $samba is
# tests/servers/samba.

# In the domain's network, if there is one.
within() { if [ -n "$domain" ]; then "$samba" run "$work/dc" "$@"; else "$@"; fi; }
idou() { within "$IDOU" "$@"; }

ldap_target() (
  . "$work/slapd/env"
  cat <<EOT
  ldap:
    type: ldap
    uri: $LDAP_URI
    base: "$BASE"
    ca: $CA_FILE
    read: {dn: "$READER_DN", secret: $READER_SECRET}
    write: {dn: "$WRITER_DN", secret: $WRITER_SECRET}
    disable: {attribute: pwdAccountLockedTime, value: "000001010000Z"}
EOT
)

domain_target() (
  . "$work/dc/env"
  cat <<EOT
  ad:
    type: ad
    uri: [$LDAPS_URI]
    base: "OU=city,$BASE"
    domain: $DOMAIN
    ca: $CA_FILE
    read: {user: $READER_UPN, secret: $READER_SECRET}
    write: {user: $WRITER_UPN, secret: $WRITER_SECRET}
EOT
)

on_ldap() { (. "$work/slapd/env"; program=$1; shift; within "$program" -Q -Y EXTERNAL -H "$LDAPI_URI" "$@"); }
on_domain() { (
  . "$work/dc/env"
  program=$1
  shift
  within env LDAPTLS_CACERT="$CA_FILE" "$program" -x -H "$LDAPS_URI" -D "$ADMIN_UPN" -y "$ADMIN_SECRET" "$@"
); }

# Of all, or of one.
ldap_entries() { (. "$work/slapd/env"; on_ldap ldapsearch -LLL -o ldif-wrap=no -b "$BASE" "(employeeNumber=${1:-*})" employeeNumber uid); }
domain_entries() { (. "$work/dc/env"; on_domain ldapsearch -LLL -o ldif-wrap=no -b "OU=city,$BASE" "(employeeID=${1:-*})" employeeID sAMAccountName); }

# NUMBER LOGIN, a line each.
logins_of() { awk -v number="$1" -v login="$2" '$1 == number ":" { n = $2 } $1 == login ":" { l = $2 } NF == 0 && n { print n, l; n = "" }
  END { if (n) print n, l }'; }
ldap_people() { ldap_entries | logins_of employeeNumber uid | sort; }

entry() { (. "$work/slapd/env"; on_ldap ldapsearch -LLL -o ldif-wrap=no -b "$BASE" "(employeeNumber=$1)" dn); }
groups_of() { (
  . "$work/slapd/env"
  dn=$(entry "$1" | sed -n 's/^dn: //p')
  on_ldap ldapsearch -LLL -o ldif-wrap=no -b "$BASE" "(member=$dn)" cn | sed -n 's/^cn: //p' | sort | tr '\n' ' '
); }

