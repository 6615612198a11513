package io.perfagent.python.inject;

import java.nio.charset.StandardCharsets;

/** The Python code that initialises the trampoline. */
public final class Payload {
    /**
     * Runs among names of its own, so that it leaves none behind and minds none of the program; an exception goes to the routine, which
     * drops it. On versions that {@link NamesInUtf8} tells apart, the names of files are encoded first: UnicodeEncodeError, which nothing
     * else here raises, says that CPython itself would trip over one. {@code object.__getattribute__} wakes no module that is loaded late.
     * What CPython itself means to print, where it is denied executable memory, goes to {@code bool}, which takes it and does nothing.
     */
    private static final String ACTIVATION = """
            import sys as s
            v=s.version_info
            if v[2]<%s.get(v[1],0):[str.encode(n)for n in[*s.orig_argv,*s.path,*[object.__getattribute__(m,'__dict__').get('__file__')for m in[*s.modules.values()]if issubclass(type(m),type(s))]]if isinstance(n,str)]
            h=s.unraisablehook
            s.unraisablehook=bool
            try:s.activate_stack_trampoline('perf')
            finally:s.unraisablehook=h""".formatted(NamesInUtf8.table());

    private Payload() {}

    /** As a C string. */
    public static byte[] activation() {
        return (ACTIVATION + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
