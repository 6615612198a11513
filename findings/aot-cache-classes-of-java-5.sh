#!/bin/bash
# A JVM's cache of loaded and linked classes (JEP 483, 514) leaves out each class that was compiled for Java 5 or before, and says so only to
# those who ask for its log.
#
# Version: OpenJDK 25.0.3 (Temurin); info.picocli:picocli:4.7.7, whose classes have version 49, from Maven Central.
# Source: src/hotspot/share/cds/systemDictionaryShared.cpp, check_for_exclusion: old classes that have been linked are excluded.
# Expected: what the training run loads comes out of the cache in later runs, classes of libraries as those of the program.
# Seen: none of picocli's classes does, while the program's own and the JDK's do: 157 classes are read, checked by the old verifier and linked
#   at each start.
set -euo pipefail
java=$("$(dirname "$0")/../scripts/jdk25")/bin
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=info.picocli:picocli:4.7.7 "-DoutputDirectory=$directory"

cat >Greets.java <<'JAVA'
import picocli.CommandLine;
public class Greets {
    @CommandLine.Option(names = "--name") String name;
    public static void main(String[] args) {
        Greets greets = new Greets();
        new CommandLine(greets).parseArgs(args);
        System.out.println("hello " + greets.name);
    }
}
JAVA
"$java/javac" -proc:none -cp picocli-4.7.7.jar Greets.java
"$java/jar" -c -f greets.jar Greets*.class
path=greets.jar:picocli-4.7.7.jar
"$java/java" -XX:AOTCacheOutput=greets.aot -cp "$path" Greets --name you >training 2>&1
"$java/java" -XX:AOTCache=greets.aot -Xlog:class+load:file=loaded -cp "$path" Greets --name you

cached=$(grep ' picocli\.' loaded | grep -c 'shared objects file' || true)
read_anew=$(grep ' picocli\.' loaded | grep -vc 'shared objects file' || true)
echo "picocli: $cached classes out of the cache, $read_anew out of the jar"
echo "others: $(grep -v ' picocli\.' loaded | grep -c 'shared objects file') out of the cache"
grep -q ' Greets source: shared objects file' loaded || { echo "changed: there is no cache at all"; exit 1; }
[ "$cached" = 0 ] && [ "$read_anew" -gt 50 ] || { echo "changed: picocli is in the cache"; exit 1; }
echo "as described"
