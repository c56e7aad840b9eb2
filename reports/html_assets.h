/* Style and script of report.html, each one inline element of the page. */
#ifndef LOCKSTEP_HTML_ASSETS_H
#define LOCKSTEP_HTML_ASSETS_H

extern const char html_style[];
extern const char html_script[];

#endif
