#define SRTP3_IMPLEMENTATION
#include "srtp.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct srtp3_policy {
    srtp_policy_t policy;
    uint8_t key[SRTP_MAX_KEY_LEN]; /* master key, then master salt */
};

srtp_err_status_t srtp3_policy_create(srtp3_policy_t *policy)
{
    *policy = calloc(1, sizeof **policy);
    return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

void srtp3_policy_destroy(srtp3_policy_t policy)
{
    if (!policy)
        return;
    /* Volatile, or the compiler drops the wiping of memory that is freed next. */
    volatile uint8_t *key = policy->key;
    for (size_t index = 0; index < sizeof policy->key; index++)
        key[index] = 0;
    free(policy);
}

srtp_err_status_t srtp3_policy_set_ssrc(srtp3_policy_t policy, srtp_ssrc_t ssrc)
{
    policy->policy.ssrc = ssrc;
    return srtp_err_status_ok;
}

srtp_err_status_t srtp3_policy_set_profile(srtp3_policy_t policy, srtp_profile_t profile)
{
    srtp_err_status_t error =
        srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);
    if (error)
        return error;
    return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

srtp_err_status_t srtp3_policy_set_allow_repeat_tx(srtp3_policy_t policy, int allow)
{
    policy->policy.allow_repeat_tx = allow;
    return srtp_err_status_ok;
}

srtp_err_status_t srtp3_policy_set_window_size(srtp3_policy_t policy, size_t packets)
{
    policy->policy.window_size = packets;
    return srtp_err_status_ok;
}

srtp_err_status_t srtp3_policy_add_key(srtp3_policy_t policy,
                                       const uint8_t *key, size_t key_length,
                                       const uint8_t *salt, size_t salt_length,
                                       const uint8_t *mki, size_t mki_length)
{
    (void)mki; /* the worker has one key a session and no key identifiers */
    if (mki_length > 0 || key_length > sizeof policy->key ||
        salt_length > sizeof policy->key - key_length)
        return srtp_err_status_bad_param;
    memcpy(policy->key, key, key_length);
    memcpy(policy->key + key_length, salt, salt_length);
    policy->policy.key = policy->key;
    return srtp_err_status_ok;
}

srtp_err_status_t srtp3_create(srtp_t *session, srtp3_policy_t policy)
{
    return srtp_create(session, &policy->policy);
}

/* libsrtp 2 works in place: the packet is copied to where the result shall be and changed there. */
static srtp_err_status_t in_place(srtp_err_status_t (*change)(srtp_ctx_t *, void *, int *),
                                  size_t growth, srtp_t session,
                                  const uint8_t *from, size_t length,
                                  uint8_t *to, size_t *capacity)
{
    if (length > INT_MAX - growth)
        return srtp_err_status_bad_param;
    if (*capacity < length + growth)
        return srtp_err_status_buffer_small;
    if (from != to)
        memmove(to, from, length);
    int result_length = (int)length;
    srtp_err_status_t error = change(session, to, &result_length);
    if (!error)
        *capacity = (size_t)result_length;
    return error;
}

srtp_err_status_t srtp3_protect(srtp_t session, const uint8_t *from, size_t length,
                                uint8_t *to, size_t *capacity, size_t mki_index)
{
    (void)mki_index;
    return in_place(srtp_protect, SRTP_MAX_TRAILER_LEN, session, from, length, to, capacity);
}

srtp_err_status_t srtp3_protect_rtcp(srtp_t session, const uint8_t *from, size_t length,
                                     uint8_t *to, size_t *capacity, size_t mki_index)
{
    (void)mki_index;
    return in_place(srtp_protect_rtcp, SRTP_MAX_TRAILER_LEN, session, from, length, to, capacity);
}

srtp_err_status_t srtp3_unprotect(srtp_t session, const uint8_t *from, size_t length,
                                  uint8_t *to, size_t *capacity)
{
    return in_place(srtp_unprotect, 0, session, from, length, to, capacity);
}

srtp_err_status_t srtp3_unprotect_rtcp(srtp_t session, const uint8_t *from, size_t length,
                                       uint8_t *to, size_t *capacity)
{
    return in_place(srtp_unprotect_rtcp, 0, session, from, length, to, capacity);
}
