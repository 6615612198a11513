# What zsh offers behind `perf-agent --off-c`, as somebody sees it who types that.
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "autoload -Uz compinit; compinit -u -D"
sleep 3
zpty -r -t shell said
zpty -w -n shell $'perf-agent --off-c\t\t'
sleep 5
repeat 20 {
  zpty -r -t shell said && print -rn -- "$said"
  sleep 0.1
}
print
