/// What terminals send besides keys, and keys with modifiers: nothing of it is a key.
package enum TerminalNoise {
  package static let sequences: [[UInt8]] = texts.map { Array($0.utf8) } + raw

  private static let texts = [
    // Cursor reports, device attributes, modes, window sizes, titles.
    "\u{1B}[5;81R", "\u{1B}[?12;113R", "\u{1B}[?62;4;22c", "\u{1B}[>41;390;0c", "\u{1B}[0n",
    "\u{1B}[?2026;2$y", "\u{1B}[4;2$y", "\u{1B}[8;24;80t", "\u{1B}]lvi q\u{1B}\\", "\u{1B}[?31u",
    // Strings: DCS, OSC, APC, PM, SOS.
    "\u{1B}P>|XTerm(390)\u{1B}\\", "\u{1B}P1+r544e=787465726d\u{1B}\\", "\u{1B}P!|00000000\u{1B}\\",
    "\u{1B}]11;rgb:1e1e/1e1e/1e1e\u{7}", "\u{1B}]10;rgb:d4d4/d4d4/d4d4\u{1B}\\",
    "\u{1B}]52;c;cXVpdA==\u{7}", "\u{1B}_Gi=31;OK\u{1B}\\",
    // Mouse: SGR, urxvt, X10 at columns 33, 81 and 84, and with coordinates in UTF-8.
    "\u{1B}[<0;81;1M", "\u{1B}[<0;81;1m", "\u{1B}[<65;33;20M", "\u{1B}[32;113;33M", "\u{1B}[M A!",
    "\u{1B}[M q!", "\u{1B}[M#t!", "\u{1B}[M \u{113}!", "\u{1B}[M q\u{141}", "\u{1B}[tqA",
    "\u{1B}[TqAtuTR",
    // Keys with Shift, Alt and Control, in every spelling.
    "\u{1B}[1;2A", "\u{1B}[1;3A", "\u{1B}[1;5A", "\u{1B}[1;9D", "\u{1B}[3;5~", "\u{1B}[5;2~",
    "\u{1B}[a", "\u{1B}Oa", "\u{1B}O5A", "\u{1B}O2P", "\u{1B}\u{1B}[A", "\u{1B}\u{1B}OA", "\u{1B}q",
    "\u{1B}A", "\u{1B}t", "\u{1B}R", "\u{1B}\u{E9}", "\u{1B}\r", "\u{1B}\u{7F}", "\u{1B}[113;5u",
    "\u{1B}[27;5;113~", "\u{1B}(A", "\u{1B} q",
    // Function keys, also the Linux console's.
    "\u{1B}[[A", "\u{1B}[[E", "\u{1B}OP", "\u{1B}[11~", "\u{1B}[24~", "\u{1B}[2~", "\u{1B}[1;2q",
    // The end of a paste that never began.
    "\u{1B}[201~",
  ]

  private static let raw: [[UInt8]] = [
    // Eight-bit controls, and half of a character.
    [0x9B] + Array("5;81R".utf8), [0x9D] + Array("11;q".utf8) + [0x07], [0x90, 0x71, 0x1B, 0x5C],
    [0xC2, 0x9B] + Array("1;5A".utf8), [0xFF], [0xF0, 0x9F, 0x1B] + Array("[0n".utf8),
    // A click beyond column 95 where coordinates are bytes.
    [0x1B, 0x5B, 0x4D, 0x20, 0xC3, 0xA9, 0x21],
  ]
}
