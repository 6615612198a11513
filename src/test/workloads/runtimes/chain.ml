(* leaf <- middle x 21 <- handler: most of the time in leaf, part of it in C that it calls, with allocation and without. *)
external modulo : (float[@unboxed]) -> (float[@unboxed]) -> (float[@unboxed]) = "caml_fmod_float" "fmod" [@@noalloc]

let[@inline never] leaf n =
  let sum = ref 0 in
  for i = 0 to 1999 do
    sum := (!sum * 7 + i) mod 1000003
  done;
  let rest = ref 0.0 in
  for i = 0 to 199 do
    rest := !rest +. modulo (float_of_int (i * 1000)) 7.0
  done;
  let text = String.make 100 'x' in
  !sum + n + Hashtbl.hash text + int_of_float !rest

let[@inline never] rec middle n = if n = 0 then leaf 1 + 1 else middle (n - 1) + 1
let[@inline never] handler () = middle 20 + 1

let () =
  print_endline "ready";
  let total = ref 0 in
  while true do
    total := !total + handler ()
  done
