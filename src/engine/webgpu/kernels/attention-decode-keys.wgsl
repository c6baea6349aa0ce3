// attention-decode-keys.wgsl: how many keys a decoding row sees

fn key_count(token: Token) -> u32 {
  return token.prefix_end - token.prefix_start + token.slot + 1u - token.own_start;
}
