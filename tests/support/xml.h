// Reads XML back, as far as a picture of ours uses it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace explainn::test {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;

  double number(const std::string& attribute) const { return std::stod(attributes.at(attribute)); }
};

/// The elements of an XML text in the order of their start tags. Anything that is not well-formed
// (in the part of XML that a picture needs) fails the test.
class Xml {
 public:
  explicit Xml(const std::string& text) : text_(text) {
    EXPECT_EQ(text_.rfind("<?xml", 0), 0U);
    at_ = text_.find("?>") + 2;
    while (at_ < text_.size() && !failed()) {
      read_text();
      if (at_ < text_.size()) read_tag();
    }
    EXPECT_TRUE(open_.empty());
  }
  std::vector<Element> elements;

 private:
  static bool failed() { return testing::Test::HasFailure(); }

  std::string until(const char* ends) {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(ends, at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  // Text up to one of `ends`, the five references of XML resolved.
  std::string words(const std::string& ends) {
    static const std::map<std::string, std::string> references{
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    std::string found = until((ends + "&").c_str());
    while (!failed() && at_ < text_.size() && text_[at_] == '&') {
      ++at_;
      const auto reference = references.find(until(";<>\" "));
      expect(';');
      EXPECT_TRUE(reference != references.end());
      if (failed()) break;
      found += reference->second + until((ends + "&").c_str());
    }
    return found;
  }
  void expect(char letter) {
    ASSERT_TRUE(at_ < text_.size() && text_[at_] == letter)
        << letter << " expected at " << text_.substr(std::min(at_, text_.size()), 40);
    ++at_;
  }
  void read_text() {
    const std::string text = words("<>");
    if (open_.empty()) {
      EXPECT_EQ(text.find_first_not_of(" \n"), std::string::npos) << text;
    } else {
      elements[open_.back()].text += text;
    }
  }
  void read_tag() {
    expect('<');
    if (failed()) return;
    if (text_[at_] == '/') {
      ++at_;
      ASSERT_FALSE(open_.empty());
      EXPECT_EQ(until(">"), elements[open_.back()].name);
      open_.pop_back();
      return expect('>');
    }
    EXPECT_TRUE(elements.empty() || !open_.empty()) << "a second root";
    elements.push_back({until(" />"), {}, ""});
    read_attributes();
  }
  void read_attributes() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
      const std::string name = until("=<> ");
      expect('=');
      expect('"');
      if (failed()) return;
      EXPECT_TRUE(elements.back().attributes.try_emplace(name, words("\"<")).second) << name;
      expect('"');
    }
    if (at_ < text_.size() && text_[at_] == '/') {
      ++at_;
    } else {
      open_.push_back(elements.size() - 1);
    }
    expect('>');
  }

  const std::string& text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;
};

inline std::vector<Element> elements_of(const std::string& svg, const std::string& name) {
  std::vector<Element> found;
  for (const Element& element : Xml(svg).elements) {
    if (element.name == name) found.push_back(element);
  }
  return found;
}

}  // namespace explainn::test
