/** Files of pprof, whoever wrote them, read; every input may be hostile. */
package io.perfagent.view.pprof;
