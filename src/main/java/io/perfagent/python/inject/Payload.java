package io.perfagent.python.inject;

import java.nio.charset.StandardCharsets;

/** The Python code that initialises the trampoline. */
public final class Payload {
    /**
     * Leaves no name behind, minds no name of the program, and lets no exception out: a traceback would go to the target's stderr,
     * SystemExit would end it. On versions that {@link NamesInUtf8} tells apart, the names of files are encoded first, which raises where
     * CPython itself would trip over one; {@code object.__getattribute__} wakes no module that is loaded late. What CPython itself means
     * to print, where it is denied executable memory, goes to {@code bool}, which takes it and does nothing.
     */
    private static final String ACTIVATION = """
            try:
             __import__('builtins').exec('''import sys as s
            v=s.version_info
            if v[2]<%s.get(v[1],0):
             for n in[*s.orig_argv,*s.path,*[object.__getattribute__(m,'__dict__').get('__file__')for m in[*s.modules.values()]if issubclass(type(m),type(s))]]:isinstance(n,str)and str.encode(n)
            h=s.unraisablehook
            s.unraisablehook=bool
            try:s.activate_stack_trampoline('perf')
            finally:s.unraisablehook=h''',{})
            except BaseException: pass
            """.formatted(NamesInUtf8.table());

    private Payload() {}

    /** As a C string. */
    public static byte[] activation() {
        return (ACTIVATION + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
