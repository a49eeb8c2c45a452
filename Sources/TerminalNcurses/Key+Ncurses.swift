internal import CNcurses
internal import TerminalKit

extension Key {
  /// A character as typed; nil for what no key of ours is.
  init?(character code: UInt32) {
    switch code {
    case 10, 13: self = .enter
    case 27: self = .escape
    case 8, 127: self = .backspace
    case 9: self = .tab
    case 1...26:
      guard let scalar = Unicode.Scalar(code + 96) else { return nil }
      self = .control(Character(scalar))
    case 0..<32: return nil
    default:
      guard let scalar = Unicode.Scalar(code) else { return nil }
      self = .character(Character(scalar))
    }
  }

  /// A function key, by ncurses' number.
  init?(code: Int32) {
    switch code {
    case cn_key_up: self = .up
    case cn_key_down: self = .down
    case cn_key_left: self = .left
    case cn_key_right: self = .right
    case cn_key_page_up: self = .pageUp
    case cn_key_page_down: self = .pageDown
    case cn_key_home: self = .home
    case cn_key_end: self = .end
    case cn_key_enter: self = .enter
    case cn_key_backspace: self = .backspace
    case cn_key_delete: self = .delete
    case cn_key_back_tab: self = .backTab
    default: return nil
    }
  }
}
