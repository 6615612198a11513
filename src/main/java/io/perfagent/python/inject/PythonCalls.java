package io.perfagent.python.inject;

/**
 * Runtime addresses in the target of what the routine calls, and of the default evaluation function.
 *
 * @param uncheckedThreadState {@code PyThreadState_GetUnchecked}: NULL on a thread that does not hold the GIL
 * @param isInitialized {@code Py_IsInitialized}
 * @param isFinalizing {@code Py_IsFinalizing}
 * @param ensure {@code PyGILState_Ensure}
 * @param release {@code PyGILState_Release}
 * @param runString {@code PyRun_StringFlags}, which unlike {@code PyRun_SimpleString} leaves an exception to its caller
 * @param addPendingCall {@code _PyEval_AddPendingCall}, which unlike {@code Py_AddPendingCall} lets any thread make the call
 * @param mainInterpreter {@code PyInterpreterState_Main}
 * @param getEvalFrame {@code _PyInterpreterState_GetEvalFrameFunc}
 * @param setEvalFrame {@code _PyInterpreterState_SetEvalFrameFunc}
 * @param takeException {@code PyErr_GetRaisedException}
 * @param restoreException {@code PyErr_SetRaisedException}
 * @param currentInterpreter {@code PyInterpreterState_Get}
 * @param closeMap {@code PyUnstable_PerfMapState_Fini}: the next line opens the map again
 * @param newDict {@code PyDict_New}
 * @param exceptionMatches {@code PyErr_ExceptionMatches}
 * @param dropReference {@code Py_DecRef}, which takes NULL too
 * @param encodeError {@code PyExc_UnicodeEncodeError}, a variable
 * @param evalFrameDefault {@code _PyEval_EvalFrameDefault}
 */
public record PythonCalls(
        long uncheckedThreadState,
        long isInitialized,
        long isFinalizing,
        long ensure,
        long release,
        long runString,
        long addPendingCall,
        long mainInterpreter,
        long getEvalFrame,
        long setEvalFrame,
        long takeException,
        long restoreException,
        long currentInterpreter,
        long closeMap,
        long newDict,
        long exceptionMatches,
        long dropReference,
        long encodeError,
        long evalFrameDefault) {}
