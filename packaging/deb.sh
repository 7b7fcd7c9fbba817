#!/bin/sh
# Makes a Debian package of a binary, with dpkg-deb and nothing else.
#
#   packaging/deb.sh mgram-agent|mgram BINARY VERSION OUT_FOLDER
#
# The binary is stripped. The same input makes the same octets, if SOURCE_DATE_EPOCH is set.
set -eu
name=$1 binary=$2 version=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
umask 022
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

doc=$root/usr/share/doc/$name
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$doc" "$root/usr/share/man/man1"
install -m 755 "$binary" "$root/usr/bin/$name"
strip --strip-all --remove-section=.comment --remove-section=.note "$root/usr/bin/$name"

case $name in
mgram-agent) pages="$top/docs/man/mgram-agent.1" ;;
mgram) pages=$(ls "$top"/docs/man/mgram*.1 | grep -v '/mgram-agent') ;;
*) echo "deb.sh: no package $name" >&2; exit 2 ;;
esac
for page in $pages; do
    gzip -9n <"$page" >"$root/usr/share/man/man1/$(basename "$page").gz"
done

{
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    echo "Upstream-Name: Marconigram"
    echo "Source: https://github.com/marconigram/marconigram"
    echo
    echo "Files: *"
    echo "Copyright: 2026 The Marconigram contributors"
    echo "License: Apache-2.0 or Expat"
    echo
    echo "License: Apache-2.0"
    echo " On Debian systems it is in /usr/share/common-licenses/Apache-2.0."
    echo
    echo "License: Expat"
    sed -n '5,$p' "$top/LICENSE-MIT" | sed -e 's/^$/./' -e 's/^/ /'
} >"$doc/copyright"
{
    echo "$name ($version) unstable; urgency=medium"
    echo
    echo "  * What changed is in CHANGELOG.md of the source."
    echo
    echo " -- The Marconigram contributors <maintainers@marconigram.example>  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"

depends="libc6 (>= 2.34), libgcc-s1 (>= 4.2)"
if [ "$name" = mgram-agent ]; then
    depends="$depends, adduser"
    gzip -9n <"$top/docs/device-guide.md" >"$doc/device-guide.md.gz"
    mkdir -p "$doc/examples"
    install -m 644 "$here"/examples/*.conf "$doc/examples/"
    install -D -m 644 "$top/crates/dm-agent/example.toml" "$root/etc/marconigram/agent.toml"
    install -D -m 644 "$here/mgram-agent.service" "$root/lib/systemd/system/mgram-agent.service"
    install -D -m 644 "$here/sysusers.conf" "$root/usr/lib/sysusers.d/mgram-agent.conf"
    install -D -m 644 "$here/tmpfiles.conf" "$root/usr/lib/tmpfiles.d/mgram-agent.conf"
    echo /etc/marconigram/agent.toml >"$root/DEBIAN/conffiles"
    for script in postinst prerm postrm; do
        install -m 755 "$here/$script" "$root/DEBIAN/$script"
    done
    summary="device management client for signed one-way messages"
    words="Receives, verifies and applies messages of OMA DM Sessionless
 Management 1.3, keeps a journal, and never answers. It is not started
 before the device has been provisioned."
else
    summary="operator's tools for signed one-way device management"
    words="Writes, signs, sends, inspects and opens messages of OMA DM Sessionless
 Management 1.3, and provisions devices."
fi

cat >"$root/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $arch
Section: $([ "$name" = mgram-agent ] && echo net || echo utils)
Priority: optional
Maintainer: The Marconigram contributors <maintainers@marconigram.example>
Homepage: https://github.com/marconigram/marconigram
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Description: $summary
 $words
CONTROL
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -depth -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/${name}_${version}_${arch}.deb" >/dev/null
echo "$out/${name}_${version}_${arch}.deb"
