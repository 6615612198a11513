/** What the walker in the kernel is told: tables of files, and where processes have mapped these. */
package io.perfagent.walker;
