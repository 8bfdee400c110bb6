/*
 * Precompiled: most of the time goes into reading the same headers for each of two hundred files.
 * The last one draws in nearly all of the worker's own.
 */
#include "common.hpp"
#include <array>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>
#include <ankerl/unordered_dense.h>
#include "RTC/Transport.hpp"
