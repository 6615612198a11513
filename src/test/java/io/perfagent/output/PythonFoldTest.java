package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonFoldTest {
    private static final Module INTERPRETER = module("/usr/lib/libpython3.12.so.1.0");
    private static final Module NUMPY = module("/srv/numpy/_multiarray_umath.cpython-312-x86_64-linux-gnu.so");

    private static Module module(String path) {
        return new Module(0x1000, 0x2000, 0, path, null);
    }

    private static Location c(Module module, String name) {
        return new Location(Location.Kind.NATIVE, 0x1000, module, new Call(name, ""));
    }

    private static Location own(String name) {
        return c(INTERPRETER, name);
    }

    private static Location python(String name) {
        return new Location(Location.Kind.PYTHON, 0, null, new Call(name, "app.py"));
    }

    private static StackCount stack(Location... leafFirst) {
        return new StackCount(1, 1, "app", Cgroup.UNKNOWN, List.of(leafFirst), WalkEnd.END_OF_STACK, false, 1);
    }

    /** What stays, leaf first. */
    private static List<String> kept(Location... leafFirst) {
        Profile profile = new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(stack(leafFirst)), List.of());
        List<String> names = new ArrayList<>();
        for (Location location : PythonFold.of(profile).stacks().getFirst().locations()) {
            names.add(location.innermost().function());
        }
        return names;
    }

    @Test
    void framesBetweenPythonFunctionsFold() {
        assertThat(kept(
                        own("_PyEval_EvalFrameDefault"),
                        python("compare"),
                        own("_PyEval_EvalFrameDefault"),
                        own("slot_tp_richcompare"),
                        own("list_sort"),
                        own("cfunction_vectorcall_NOARGS"),
                        own("_PyEval_EvalFrameDefault"),
                        python("<module>"),
                        own("_PyEval_EvalFrameDefault"),
                        own("pymain_run_file"),
                        own("Py_BytesMain"),
                        c(ProfileOf.LIBC, "__libc_start_main")))
                .containsExactly("compare", "<module>", "__libc_start_main");
    }

    /** What a function spends its time in is not hidden, be it the interpreter's. */
    @Test
    void whatAFunctionCallsStays() {
        assertThat(kept(
                        ProfileOf.READ,
                        c(ProfileOf.LIBC, "malloc"),
                        own("dictresize"),
                        own("PyDict_SetItem"),
                        own("_PyEval_EvalFrameDefault"),
                        own("_PyFunction_Vectorcall"),
                        python("fill")))
                .containsExactly("vfs_read", "malloc", "dictresize", "PyDict_SetItem", "fill");
    }

    @Test
    void extensionsStayBetweenPythonFunctions() {
        assertThat(kept(
                        python("callback"),
                        own("_PyEval_EvalFrameDefault"),
                        own("PyObject_CallObject"),
                        c(NUMPY, "PyUFunc_GenericFunction"),
                        own("cfunction_call"),
                        own("_PyEval_EvalFrameDefault"),
                        python("apply")))
                .containsExactly("callback", "PyUFunc_GenericFunction", "apply");
    }

    /** Waiting for the GIL is no running of Python functions. */
    @Test
    void theGilStays() {
        assertThat(kept(own("take_gil"), own("PyEval_RestoreThread"), own("_PyEval_EvalFrameDefault"), python("busy")))
                .containsExactly("take_gil", "PyEval_RestoreThread", "busy");
    }

    @Test
    void withoutPythonFunctionsNothingFolds() {
        assertThat(kept(own("gc_collect_main"), own("_PyEval_EvalFrameDefault"), own("Py_BytesMain")))
                .containsExactly("gc_collect_main", "_PyEval_EvalFrameDefault", "Py_BytesMain");
    }

    @Test
    void aStrippedInterpreterFoldsToo() {
        Location nameless =
                Location.unnamed(0x1234, INTERPRETER, "[libpython3.12.so.1.0+0x1234]", SymbolMiss.NO_SYMBOL);
        assertThat(kept(nameless, python("inner"), nameless, nameless, python("outer"), nameless))
                .containsExactly("[libpython3.12.so.1.0+0x1234]", "inner", "outer");
    }

    /** Of uWSGI, which has the interpreter inside, only what has the interpreter's names. */
    @Test
    void aProgramWithTheInterpreterInsideKeepsItsOwn() {
        Module uwsgi = module("/usr/bin/uwsgi");
        assertThat(kept(
                        python("inner"),
                        c(uwsgi, "_PyEval_EvalFrameDefault"),
                        c(uwsgi, "PyObject_CallObject"),
                        c(uwsgi, "python_call"),
                        c(uwsgi, "cfunction_call"),
                        c(uwsgi, "_PyEval_EvalFrameDefault.cold"),
                        python("outer")))
                .containsExactly("inner", "python_call", "cfunction_call", "outer");
    }

    @Test
    void aFunctionThatCouldNotBeReadIsOne() {
        Location gone = Location.unnamed(0, null, "[python]", SymbolMiss.CODE_OBJECT_GONE);
        assertThat(kept(gone, own("list_sort"), own("_PyEval_EvalFrameDefault"), python("outer")))
                .containsExactly("[python]", "outer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/bin/python3.11",
                "/usr/bin/python3",
                "/opt/conda/bin/python3.12 (deleted)",
                "/usr/bin/python2.7",
                "python3.13t",
                "/tmp/_MEIx/libpython3.8.so.1.0",
                "/lib/libpython3.6m.so.1.0"
            })
    void filesOfTheInterpreter(String path) {
        assertThat(CodeKind.isInterpreter(module(path))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/bin/python3.11-config",
                "/srv/libpython_helper.so",
                "/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so",
                "/srv/python/app",
                "/usr/bin/pythonista"
            })
    void filesOfOthers(String path) {
        assertThat(CodeKind.isInterpreter(module(path))).isFalse();
    }

    @Test
    void otherFormatsAreOfWhatIsLeft() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Encoder.of(Format.FOLDED).write(PythonFold.of(ProfileOf.known()), out);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "gunicorn;py::<module> app;py::Server.handle;py::__init__;malloc 40",
                        "gunicorn;py::<module> app;py::f.<locals>.<lambda>;_ZNSt6vectorIiSaIiEE9push_backEOi 20",
                        "gunicorn;[cut: mapping without unwind table];_PyEval_EvalFrameDefault;[libc.so.6+0x29000] 10",
                        "worker-1;py::<module> app;py::Server.handle;py::__init__;vfs_read_[k] 30");
    }
}
