// What the writers of pictures (SVG) have in common. All text is the same whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace explainn::model {

/// At most `decimals` of them, without trailing zeros: 3.50 is "3.5", -0.01 with one is "0".
std::string svg_number(double value, int decimals);

/// `text` for between tags or in an attribute. What XML cannot hold (control characters, bytes that
/// are no UTF-8) becomes U+FFFD.
std::string xml_text(std::string_view text);

/// Start tag and title of a picture of `width` x `height` pixels in a page of HTML. Screen readers
/// read it as one image, or with the role "group" as the images it holds. `more` are attributes,
/// each after a blank. The end is "</svg>".
std::string svg_element(double width, double height, std::string_view title,
                        std::string_view more = "", std::string_view role = "img");
/// The same for a file of its own.
std::string svg_file(double width, double height, std::string_view title,
                     std::string_view more = "", std::string_view role = "img");

/// A line of text at (x, y) pixels; `anchor` is start, middle or end.
std::string svg_text(double x, double y, std::string_view anchor, std::string_view words,
                     std::string_view more = "");

}  // namespace explainn::model
