internal import TerminalKit

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The ways in which eyes see colours.
enum ColorVision: String, CaseIterable {
  case usual = "usual colour vision"
  case protanopia
  case deuteranopia
  case tritanopia

  /// How such an eye sees a colour: linear red, green and blue by the matrices for a severity of 1
  /// in Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
  /// Vision Deficiency" (2009).
  func seen(_ color: Light) -> Light {
    let rows: [(Double, Double, Double)]
    switch self {
    case .usual: return color
    case .protanopia:
      rows = [
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
      ]
    case .deuteranopia:
      rows = [
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
      ]
    case .tritanopia:
      rows = [
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
      ]
    }
    let parts = rows.map { row in
      min(1, max(0, row.0 * color.red + row.1 * color.green + row.2 * color.blue))
    }
    return Light(red: parts[0], green: parts[1], blue: parts[2])
  }
}

/// A colour as an amount of light, each part 0...1.
struct Light {
  var red: Double
  var green: Double
  var blue: Double

  init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// `channels`: in sRGB.
  init(_ channels: Color.Channels) {
    func linear(_ part: UInt8) -> Double {
      let part = Double(part) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    self.init(
      red: linear(channels.red), green: linear(channels.green), blue: linear(channels.blue))
  }

  /// Halfway to another colour, as a terminal shows dim text.
  func dimmed(over background: Light) -> Light {
    Light(
      red: (red + background.red) / 2, green: (green + background.green) / 2,
      blue: (blue + background.blue) / 2)
  }

  private var luminance: Double { 0.2126 * red + 0.7152 * green + 0.0722 * blue }

  /// The contrast, 1...21, as WCAG 2 defines it.
  func contrast(to other: Light) -> Double {
    let (low, high) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (high + 0.05) / (low + 0.05)
  }

  /// How different two colours look, in Oklab (Björn Ottosson, 2020): 0.02 is just visible, and
  /// black and white are 1 apart.
  func difference(to other: Light) -> Double {
    let (a, b) = (oklab, other.oklab)
    return (pow(a.0 - b.0, 2) + pow(a.1 - b.1, 2) + pow(a.2 - b.2, 2)).squareRoot()
  }

  private var oklab: (Double, Double, Double) {
    let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
      0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    )
  }
}
