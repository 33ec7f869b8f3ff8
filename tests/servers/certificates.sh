# SPDX-License-Identifier: GPL-3.0-or-later
#
# Certificates for the servers of the tests. Sourced; DIR is the server's folder, die prints a reason.
#
# make_certificates NAMES makes a CA, the server's certificate for NAMES (a subjectAltName; clients
# compare it, so IP:127.0.0.1 it must hold), and a second CA that signed nothing here.

make_certificate() {
  name=$1
  shift
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -keyout "$DIR/$name.key" -out "$DIR/$name.pem" "$@" 2>>"$DIR/openssl.log" ||
    die "openssl failed: $(tail -n 1 "$DIR/openssl.log")"
}

make_certificates() {
  make_certificate ca -subj '/CN=Test CA'
  make_certificate other-ca -subj '/CN=Other CA'
  make_certificate server -subj '/CN=127.0.0.1' -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" \
    -addext "subjectAltName=$1" -addext 'basicConstraints=critical,CA:FALSE'
}
