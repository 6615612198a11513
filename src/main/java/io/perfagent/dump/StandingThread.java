package io.perfagent.dump;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.process.Image;

/**
 * A thread that ran at no time while this was read.
 *
 * @param walk from where it stands in user code
 * @param python its frames of CPython's interpreter, as innermost first
 * @param gil what it had to do with the lock of that
 */
public record StandingThread(ThreadRecord thread, Image image, StoppedWalk walk, PythonFrames python, GilUse gil) {}
