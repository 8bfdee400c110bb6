#!/usr/bin/env bash
# Builds mediasoup-worker from the sources in its npm package against the system's libraries,
# where the prebuilt one cannot be downloaded or does not run.
#
#   build.sh PACKAGE OUTPUT [LIBSRTP]
#
#   PACKAGE  node_modules/mediasoup
#   OUTPUT   the file to make
#   LIBSRTP  unpacked sources of libsrtp 2, linked in with OpenSSL underneath; the system's without
#
# Tried with mediasoup 3.27.1 on Debian 12.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
package=$(realpath "$1")
output=$(realpath -m "$2")
libsrtp=${3:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$package/worker" "$work/worker"
cd "$work/worker"

# Nothing in the build needs meson 1.1, and Debian 12 has 1.0.1.
sed -i 's/>= 1\.1\.0/>= 1.0.0/' meson.build

# Debian's OpenSSL is built with kernel TLS and asks the BIO's callback through BIO_CTRL. The callback
# answers 1 to whatever is not exactly BIO_CB_RETURN, which crashes the first DTLS handshake. It is a
# bit among others, so it is tested as one.
callback=src/RTC/DtlsTransport.cpp
sed -i 's/operationType == BIO_CB_RETURN/operationType \& BIO_CB_RETURN/' "$callback"
grep -q 'operationType & BIO_CB_RETURN' "$callback" || {
  echo "$callback no longer holds the line that this build corrects: see build.sh" >&2
  exit 1
}

# Two hundred small files spend their time on reading the same headers, so a few large ones include
# them: that takes a fifth of the time. Files that are alike, and so may name things alike, lie beside
# each other in the list, and go to different ones. With these numbers no two of a name meet.
gather() {
  local file=$1 list=$2 number=$3 folder
  folder=$(dirname "$file")/gathered
  mkdir "$folder"
  awk -v list="$list" -v number="$number" -v folder="$folder" '
    $0 == list " = [" {
      inside = 1
      print
      for (one = 0; one < number; one++) print "  '\''gathered/" one ".cpp'\'',"
      next
    }
    inside && /^]/ { inside = 0 }
    inside {
      split($0, quoted, "'\''")
      print "#include \"../" quoted[2] "\"" > (folder "/" (count++ % number) ".cpp")
      next
    }
    { print }
  ' "$file" > "$file.new"
  mv "$file.new" "$file"
}
gather meson.build common_sources 12
gather deps/libwebrtc/meson.build libwebrtc_sources 5

# Each dependency that meson would download is replaced by a project of that name which hands the
# system's library on. The wrap file says in which folder meson looks for it.
for stand_in in "$here"/subprojects/*/; do
  name=$(basename "$stand_in")
  folder=subprojects/$(sed -n 's/^directory *= *//p' "subprojects/$name.wrap")
  cp -r "$stand_in" "$folder"
  cp "$here/stub.c" "$folder/"
done
if [ -n "$libsrtp" ]; then cp -r "$libsrtp" subprojects/libsrtp2; fi

meson setup --buildtype release -Db_ndebug=true --wrap-mode nodownload out .
ninja -C out mediasoup-worker
strip out/mediasoup-worker
install -D out/mediasoup-worker "$output"
