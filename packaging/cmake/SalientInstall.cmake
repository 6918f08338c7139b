# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and the Debian package that CPack makes of it (`cpack -G DEB` in the build folder).
include(GNUInstallDirs)
install(TARGETS salient RUNTIME)
install(DIRECTORY resources/sample DESTINATION ${CMAKE_INSTALL_DATADIR}/salient)
if(TARGET salient-studio)
  install(TARGETS salient-studio RUNTIME)
  install(FILES packaging/salient-studio.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES packaging/org.salient.studio.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  install(FILES resources/icons/salient.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
          RENAME salient-studio.svg)
endif()
install(FILES LICENSE.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY LICENSES DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_PACKAGE_VENDOR "The Salient developers")
set(CPACK_PACKAGE_CONTACT "The Salient developers <salient@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# For the texts of Qt's own dialogs in the languages of the studio.
set(CPACK_DEBIAN_PACKAGE_DEPENDS qt6-translations-l10n)
set(CPACK_STRIP_FILES ON)
include(CPack)
