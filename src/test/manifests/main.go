// Reads what is shipped for containers with the types and the parser of those who read it, strictly: what they do not know is an error.
//
//	manifests FILE...     Containerfiles, and Kubernetes manifests (.yaml)
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	strict "sigs.k8s.io/yaml"
)

func main() {
	failed := false
	for _, file := range os.Args[1:] {
		check := containerfile
		if strings.HasSuffix(file, ".yaml") {
			check = manifests
		}
		if err := check(file); err != nil {
			fmt.Printf("%s: %v\n", file, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func containerfile(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return err
	}
	warned := ""
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) { warned += rule + ": " + message + "; " }})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		return err
	}
	if warned != "" {
		return errors.New(warned)
	}
	for _, stage := range stages {
		fmt.Printf("%s: stage %s from %s, %d instructions\n", name, stage.Name, stage.BaseName, len(stage.Commands))
	}
	return nil
}

func manifests(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := manifest(name, document); err != nil {
			return err
		}
	}
}

// As a server decodes: a name that differs in case only is another.
func decode(document []byte, into any) error {
	data, err := strict.YAMLToJSONStrict(document)
	if err != nil {
		return err
	}
	unknown, err := json.UnmarshalStrict(data, into)
	return errors.Join(append(unknown, err)...)
}

func manifest(name string, document []byte) error {
	var kind metav1.TypeMeta
	if err := strict.Unmarshal(document, &kind); err != nil {
		return err
	}
	switch kind.APIVersion + " " + kind.Kind {
	case "apps/v1 DaemonSet":
		var set appsv1.DaemonSet
		if err := decode(document, &set); err != nil {
			return err
		}
		return workload(name, kind.Kind, set.ObjectMeta, set.Spec.Selector, set.Spec.Template)
	case "apps/v1 Deployment":
		var deployment appsv1.Deployment
		if err := decode(document, &deployment); err != nil {
			return err
		}
		return workload(name, kind.Kind, deployment.ObjectMeta, deployment.Spec.Selector, deployment.Spec.Template)
	default:
		return fmt.Errorf("%s %s: no kind that is known here", kind.APIVersion, kind.Kind)
	}
}

// What a server refuses besides fields that it does not know.
func workload(name, kind string, meta metav1.ObjectMeta, selected *metav1.LabelSelector, pod corev1.PodTemplateSpec) error {
	selector, err := metav1.LabelSelectorAsSelector(selected)
	if err != nil {
		return err
	}
	if meta.Name == "" || selector.Empty() || !selector.Matches(labels.Set(pod.Labels)) {
		return fmt.Errorf("%s %q: without a name, or its selector is not of its own pods", kind, meta.Name)
	}
	volumes := map[string]bool{}
	for _, volume := range pod.Spec.Volumes {
		volumes[volume.Name] = true
	}
	for _, container := range pod.Spec.Containers {
		if container.Image == "" {
			return fmt.Errorf("container %q has no image", container.Name)
		}
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				return fmt.Errorf("container %q mounts %q, which is no volume", container.Name, mount.Name)
			}
		}
		if container.SecurityContext != nil && container.SecurityContext.Capabilities != nil {
			fmt.Printf("%s: %s %s: %s: %v\n", name, kind, meta.Name, container.Name, container.SecurityContext.Capabilities.Add)
		}
	}
	return nil
}
