#!/bin/bash
# A JVM's cache of loaded and linked classes keeps nothing of calls to C: each signature that is linked makes classes anew at each start.
#
# Version: OpenJDK 25.0.3 (Temurin).
# Source: src/java.base/share/classes/jdk/internal/foreign/abi/BindingSpecializer.java and java/lang/invoke/InvokerBytecodeGenerator.java, which
#   define hidden classes at run time; JEP 483 keeps those of lambdas and of the concatenation of strings.
# Expected: a training run that has linked and called the functions leaves their handles in the cache, as those of lambdas.
# Seen: eight functions of eight signatures make more than a hundred classes in each run, with the cache and without. Called through one handle, with six
#   longs and the function's address, which the calling conventions of x86-64 and AArch64 allow, they make a fraction of that.
set -euo pipefail
java=$("$(dirname "$0")/../scripts/jdk25")/bin
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

cat >Calls.java <<'JAVA'
import static java.lang.foreign.ValueLayout.*;
import java.lang.foreign.*;
import java.lang.invoke.MethodHandle;
public class Calls {
    static final Linker LINKER = Linker.nativeLinker();
    static MemorySegment of(String name) { return LINKER.defaultLookup().findOrThrow(name); }
    static FunctionDescriptor d(MemoryLayout result, MemoryLayout... arguments) { return FunctionDescriptor.of(result, arguments); }
    static MethodHandle link(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(of(name), type, Linker.Option.captureCallState("errno"));
    }
    static final FunctionDescriptor LONGS = d(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    public static void main(String[] args) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment text = arena.allocateFrom("text");
            if (args[0].equals("each")) {
                int a = (int) link("getpid", d(JAVA_INT)).invokeExact(errno);
                a += (int) link("abs", d(JAVA_INT, JAVA_INT)).invokeExact(errno, -1);
                long b = (long) link("labs", d(JAVA_LONG, JAVA_LONG)).invokeExact(errno, -1L);
                b += (long) link("strlen", d(JAVA_LONG, ADDRESS)).invokeExact(errno, text);
                a += (int) link("strcmp", d(JAVA_INT, ADDRESS, ADDRESS)).invokeExact(errno, text, text);
                a += (int) link("strncmp", d(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG)).invokeExact(errno, text, text, 4L);
                MemorySegment c = (MemorySegment) link("memset", d(ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG)).invokeExact(errno, text, 0, 4L);
                a += (int) link("getpriority", d(JAVA_INT, JAVA_INT, JAVA_INT)).invokeExact(errno, 0, 0);
            } else {
                var any = LINKER.downcallHandle(LONGS, Linker.Option.captureCallState("errno"));
                long at = text.address();
                long sum = (long) any.invokeExact(of("getpid"), errno, 0L, 0L, 0L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("abs"), errno, -1L, 0L, 0L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("labs"), errno, -1L, 0L, 0L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("strlen"), errno, at, 0L, 0L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("strcmp"), errno, at, at, 0L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("strncmp"), errno, at, at, 4L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("memset"), errno, at, 0L, 4L, 0L, 0L, 0L);
                sum += (long) any.invokeExact(of("getpriority"), errno, 0L, 0L, 0L, 0L, 0L, 0L);
            }
        }
    }
}
JAVA
"$java/javac" Calls.java
"$java/jar" -c -f calls.jar Calls.class
made() { # each or one
  "$java/java" --enable-native-access=ALL-UNNAMED "-XX:AOTCacheOutput=$1.aot" -cp calls.jar Calls "$1" >training 2>&1
  "$java/java" --enable-native-access=ALL-UNNAMED "-XX:AOTCache=$1.aot" "-Xlog:class+load:file=$1.loaded" -cp calls.jar Calls "$1"
  grep -q ' Calls source: shared objects file' "$1.loaded" || { echo "changed: there is no cache at all"; exit 1; }
  grep -c '__JVM_LookupDefineClass__' "$1.loaded"
}
each=$(made each)
one=$(made one)
echo "hidden classes made in a run with its cache: $each with a handle for each signature, $one with one for all"
[ "$each" -gt 100 ] && [ "$one" -lt $((each / 2)) ] || { echo "changed"; exit 1; }
echo "as described"
