/*
 * The part of libsrtp 3's interface that mediasoup-worker calls, over libsrtp 2.
 *
 * What differs between the two: in 3 a policy is opaque and made by calls, and a packet is read from
 * one buffer and written to another. Profiles, SSRCs, sessions and events are the same and pass through.
 */
#pragma once

#include <stddef.h>
#include <srtp2/srtp.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Errors that libsrtp 2 doesn't have; its own end at 27. */
#define srtp_err_status_buffer_small ((srtp_err_status_t)30)
#define srtp_err_status_cryptex_err ((srtp_err_status_t)31)

typedef struct srtp3_policy *srtp3_policy_t;

srtp_err_status_t srtp3_policy_create(srtp3_policy_t *policy);
void srtp3_policy_destroy(srtp3_policy_t policy);
srtp_err_status_t srtp3_policy_set_ssrc(srtp3_policy_t policy, srtp_ssrc_t ssrc);
srtp_err_status_t srtp3_policy_set_profile(srtp3_policy_t policy, srtp_profile_t profile);
srtp_err_status_t srtp3_policy_set_allow_repeat_tx(srtp3_policy_t policy, int allow);
srtp_err_status_t srtp3_policy_set_window_size(srtp3_policy_t policy, size_t packets);
srtp_err_status_t srtp3_policy_add_key(srtp3_policy_t policy,
                                       const uint8_t *key, size_t key_length,
                                       const uint8_t *salt, size_t salt_length,
                                       const uint8_t *mki, size_t mki_length);

srtp_err_status_t srtp3_create(srtp_t *session, srtp3_policy_t policy);

/* `capacity` holds the size of `to` when called and the length of what was written afterwards. */
srtp_err_status_t srtp3_protect(srtp_t session, const uint8_t *from, size_t length,
                                uint8_t *to, size_t *capacity, size_t mki_index);
srtp_err_status_t srtp3_protect_rtcp(srtp_t session, const uint8_t *from, size_t length,
                                     uint8_t *to, size_t *capacity, size_t mki_index);
srtp_err_status_t srtp3_unprotect(srtp_t session, const uint8_t *from, size_t length,
                                  uint8_t *to, size_t *capacity);
srtp_err_status_t srtp3_unprotect_rtcp(srtp_t session, const uint8_t *from, size_t length,
                                       uint8_t *to, size_t *capacity);

#ifdef __cplusplus
}
#endif

/* Both versions use these names, so the worker's calls are led here and srtp3.c keeps libsrtp 2's. */
#ifndef SRTP3_IMPLEMENTATION
#define srtp_policy_t srtp3_policy_t
#define srtp_policy_create srtp3_policy_create
#define srtp_policy_destroy srtp3_policy_destroy
#define srtp_policy_set_ssrc srtp3_policy_set_ssrc
#define srtp_policy_set_profile srtp3_policy_set_profile
#define srtp_policy_set_allow_repeat_tx srtp3_policy_set_allow_repeat_tx
#define srtp_policy_set_window_size srtp3_policy_set_window_size
#define srtp_policy_add_key srtp3_policy_add_key
#define srtp_stream_remove srtp_remove_stream
#define srtp_create srtp3_create
#define srtp_protect srtp3_protect
#define srtp_protect_rtcp srtp3_protect_rtcp
#define srtp_unprotect srtp3_unprotect
#define srtp_unprotect_rtcp srtp3_unprotect_rtcp
#endif
