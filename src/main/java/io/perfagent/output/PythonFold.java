package io.perfagent.output;

import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which frames of a stack are only the interpreter at work for Python functions that stand there themselves:
 *
 * <pre>
 *   malloc                      stays
 *   _sre_compile                stays: C that the function called, though it is the interpreter's
 *   cfunction_vectorcall_O      folds: calls
 *   _PyEval_EvalFrameDefault    folds: runs the function
 *   py::search
 *   _PyEval_EvalFrameDefault    folds: all that is the interpreter's, once a Python function is what it comes to
 *   list_sort                   folds
 *   py::handle
 *   _PyEval_EvalFrameDefault    folds
 *   Py_BytesMain                folds
 *   __libc_start_main           stays
 * </pre>
 *
 * So what C took is shown as the C that took it, in the function that called it. Of a program that has the interpreter inside, only what
 * is known by its name folds. For one thread.
 */
public final class PythonFold {
    /** What runs and calls Python functions, in whatever file: names of CPython 3.6 to 3.15. */
    private static final Pattern CALLS =
            Pattern.compile("_?PyEval_(EvalFrame|EvalCode|Vector|FastCall).*|_PyEvalFrame.*"
                    + "|_TAIL_CALL_.*|_?PyObject_(Call|FastCall|MakeTpCall|Vectorcall).*|_?PyVectorcall_.*|_?PyFunction_.*[cC]all.*"
                    + "|_?PyCFunction_.*[cC]all.*|_?PyMethodDef_.*[cC]all.*|_?PyStack_.*|py_trampoline_evaluator");

    /** The same, by names that others may have, too: in the interpreter's own files only. */
    private static final Pattern OWN_CALLS = Pattern.compile(".*[vV]ectorcall.*|cfunction_.*|function_code_fastcall"
            + "|call_function.*|do_call(_core)?|call_method.*|lookup_maybe_method|(slot|wrap)_.*|type_call|method_call"
            + "|method_descriptor_call|object_vacall|gen_send_ex.*|gen_iternext|gen_send|_?PyGen_Send.*|PyIter_Send"
            + "|fast_function|function_call|partial_(call|vectorcall).*");

    private final IdentityHashMap<Location, Role> roles = new IdentityHashMap<>();

    private enum Role {
        PYTHON,
        CALLS,
        INTERPRETER,
        OTHER
    }

    /** The profile without such frames; what is left of a stack is made when it is asked for. */
    public static Profile of(Profile profile) {
        PythonFold fold = new PythonFold();
        return profile.withStacks(fold::without);
    }

    private StackCount without(StackCount stack) {
        BitSet folded = folded(stack.locations());
        if (folded.isEmpty()) {
            return stack;
        }
        List<Location> kept = new ArrayList<>(stack.locations().size() - folded.cardinality());
        for (int at = folded.nextClearBit(0); at < stack.locations().size(); at = folded.nextClearBit(at + 1)) {
            kept.add(stack.locations().get(at));
        }
        return stack.withLocations(kept);
    }

    /** The places of those frames in a stack, leaf first. In a stack without Python functions there are none. */
    public BitSet folded(List<Location> locations) {
        BitSet folded = new BitSet();
        boolean anyPython = false;
        boolean comesToPython = false;
        for (int at = 0; at < locations.size(); at++) {
            Role role = roles.computeIfAbsent(locations.get(at), PythonFold::role);
            if (role == Role.CALLS || (role == Role.INTERPRETER && comesToPython)) {
                folded.set(at);
            } else {
                comesToPython = role == Role.PYTHON;
                anyPython |= comesToPython;
            }
        }
        return anyPython ? folded : new BitSet();
    }

    private static Role role(Location location) {
        if (location.kind() == Location.Kind.PYTHON || isPythonWithoutName(location.miss())) {
            return Role.PYTHON;
        }
        Module module = location.module();
        boolean own = module != null && CodeKind.isInterpreter(module);
        String name = location.innermost().function();
        if (location.kind() == Location.Kind.NATIVE
                && (CALLS.matcher(name).matches()
                        || (own && OWN_CALLS.matcher(name).matches()))) {
            return Role.CALLS;
        }
        return own ? Role.INTERPRETER : Role.OTHER;
    }

    private static boolean isPythonWithoutName(@Nullable SymbolMiss miss) {
        return switch (miss) {
            case CODE_OBJECT_GONE, CODE_OBJECT_UNREADABLE, CODE_OBJECT_TOO_LARGE, NO_CODE_OBJECT -> true;
            case null -> false;
            case NO_PROCESS,
                    NO_MAPPING,
                    NO_SYMBOL,
                    TOO_MANY_SYMBOLS,
                    NO_ROOM,
                    UNREADABLE_FILE,
                    REPLACED_FILE,
                    BAD_FILE,
                    NO_PERF_MAP,
                    REFUSED_PERF_MAP,
                    NO_MAP_ENTRY,
                    KERNEL_HIDDEN -> false;
        };
    }
}
