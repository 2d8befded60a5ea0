# The .deb: `scripts/package` makes it. What it holds is said here, and what it
# does when it is installed in deploy/debian/.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # the tests are not part of it
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)

# What the binary says of itself; made for the package only.
find_program(GZIP gzip REQUIRED)
set(said "${CMAKE_BINARY_DIR}/said")
add_custom_command(OUTPUT "${said}/troupe.1.gz"
  COMMAND ${CMAKE_COMMAND} -E make_directory "${said}"
  COMMAND $<TARGET_FILE:troupe> man | ${GZIP} -9nc > "${said}/troupe.1.gz"
  COMMAND $<TARGET_FILE:troupe> completion bash > "${said}/troupe"
  COMMAND $<TARGET_FILE:troupe> completion zsh > "${said}/_troupe"
  COMMAND $<TARGET_FILE:troupe> completion fish > "${said}/troupe.fish"
  DEPENDS troupe)
add_custom_target(said DEPENDS "${said}/troupe.1.gz")

install(TARGETS troupe RUNTIME DESTINATION bin)
install(FILES "${said}/troupe.1.gz" DESTINATION share/man/man1)
install(FILES "${said}/troupe" DESTINATION share/bash-completion/completions)
install(FILES "${said}/_troupe" DESTINATION share/zsh/vendor-completions)
install(FILES "${said}/troupe.fish"
  DESTINATION share/fish/vendor_completions.d)
install(FILES deploy/systemd/troupe.service DESTINATION /lib/systemd/system)
install(FILES deploy/troupe.toml DESTINATION /etc/troupe)
install(FILES README.md CHANGELOG.md deploy/debian/copyright
  DESTINATION share/doc/troupe)
install(DIRECTORY docs/ DESTINATION share/doc/troupe
  FILES_MATCHING PATTERN "*.md" PATTERN results EXCLUDE)
install(DIRECTORY deploy/grafana deploy/prometheus
  DESTINATION share/doc/troupe)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The Troupe authors <maintainers@troupe.dev>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "open customer-event engine")
set(CPACK_PACKAGE_DESCRIPTION
"Troupe takes events about contacts over HTTP, knows who each contact is, moves
it through sequences, and tells other systems by webhook. One process with an
embedded store; what was acknowledged is durable.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "init-system-helpers (>= 1.54~), tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-client") # troupe backup
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles"
  "${CMAKE_SOURCE_DIR}/deploy/debian/postinst"
  "${CMAKE_SOURCE_DIR}/deploy/debian/prerm"
  "${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
include(CPack)
