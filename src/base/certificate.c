// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"

#include <gnutls/x509.h>

Instant certificate_ends(const char *bytes, size_t n_bytes)
{
  static const gnutls_x509_crt_fmt_t forms[] = {GNUTLS_X509_FMT_DER, GNUTLS_X509_FMT_PEM};
  const gnutls_datum_t datum = {(unsigned char *)bytes, (unsigned)n_bytes};
  Instant ends = INSTANT_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS(forms) && ends == INSTANT_NONE; i++) {
    gnutls_x509_crt_t certificate = NULL;
    if (gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS)
      return INSTANT_NONE;
    time_t told = (time_t)-1;
    if (gnutls_x509_crt_import(certificate, &datum, forms[i]) == GNUTLS_E_SUCCESS)
      told = gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    if (told != (time_t)-1)
      ends = (Instant)told;
  }
  return ends;
}
