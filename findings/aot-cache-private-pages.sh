#!/bin/bash
# Virtual machines that share a cache of classes share hardly any of its memory: each has most of the file's pages for itself.
#
# Version: OpenJDK 25.0.3 (Temurin).
# Source: src/hotspot/share/cds/filemap.cpp, which adds the distance to each pointer in the file where it is not mapped at the address that it was written
#   for, and src/hotspot/share/runtime/globals.hpp, where ArchiveRelocationMode, a flag for diagnosis, asks for that by default.
# Expected: class data sharing has the read-only part of a file once for all virtual machines that map it (JEP 310: "improve startup time and reduce
#   footprint"); a second program with the same cache adds little.
# Seen: two thirds and more of the resident pages of the file are private copies, written to at each start. Mapped where it was written for, fewer than half of them are.
set -euo pipefail
java=$("$(dirname "$0")/../scripts/jdk25")/bin
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

cat >Pages.java <<'JAVA'
import java.nio.file.*;
public class Pages {
    public static void main(String[] args) throws Exception {
        boolean inFile = false;
        long resident = 0, own = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) inFile = line.endsWith(".aot");
            else if (inFile && line.startsWith("Rss:")) resident += Long.parseLong(line.replaceAll("\\D", ""));
            else if (inFile && line.startsWith("Anonymous:")) own += Long.parseLong(line.replaceAll("\\D", ""));
        }
        System.out.println(resident + " " + own);
    }
}
JAVA
"$java/javac" Pages.java
"$java/jar" -c -f pages.jar Pages.class
"$java/java" -XX:AOTCacheOutput=pages.aot -cp pages.jar Pages >training 2>&1
shares() { # options: KiB of the file that are resident, and those that are the process's own
  "$java/java" "$@" -XX:AOTCache=pages.aot -cp pages.jar Pages
}
read -r resident own < <(shares)
read -r resident_there own_there < <(shares -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0)
echo "by default $own of $resident KiB are the process's own, mapped where it was written for $own_there of $resident_there"
[ "$resident" -gt 0 ] && [ $((own * 3)) -ge $((resident * 2)) ] && [ $((own_there * 2)) -lt "$resident_there" ] || { echo "changed"; exit 1; }
echo "as described"
