/** Files of targets, found as the target itself would find them: below its root, in its mount namespace. */
package io.perfagent.targetfs;
